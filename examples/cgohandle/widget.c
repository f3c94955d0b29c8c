#include <stdlib.h>
#include "widget.h"

/* Exported by Go. */
extern void widgetClicked(widget *w);

widget *widget_new(void) { return calloc(1, sizeof(widget)); }

void widget_click(widget *w)
{
	w->clicks++;
	widgetClicked(w);
}

void widget_free(widget *w) { free(w); }
