/* A library of somebody else's: widgets that call back when they are clicked. */
typedef struct widget { int clicks; } widget;

widget *widget_new(void);
void widget_click(widget *w);
void widget_free(widget *w);
