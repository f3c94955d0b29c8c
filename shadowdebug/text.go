package shadowdebug

import (
	"bytes"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
)

// Text is for terminals: one line for one thing, columns in line, the same order as on the page.

// widest is how many runes of a name or type stand in a column.
const widest = 60

// cell makes any text fit for a column.
func cell(s string) string {
	if s == "" {
		return "-"
	}
	return shortened(visible(s), widest)
}

func table(w *bytes.Buffer, write func(row func(cells ...any))) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	write(func(cells ...any) {
		for i, c := range cells {
			if i > 0 {
				fmt.Fprint(t, "\t")
			}
			fmt.Fprint(t, c)
		}
		fmt.Fprintln(t)
	})
	t.Flush()
}

// stamp heads a text: what it is, when, and since when changes are counted.
func stamp(w *bytes.Buffer, what string, at time.Time, since *time.Time) {
	fmt.Fprintf(w, "%s at %s", what, at.Format(time.RFC3339))
	if since != nil {
		fmt.Fprintf(w, ", changes since %s", since.Format(time.RFC3339))
	}
	fmt.Fprintln(w)
}

func (o *overview) text(w *bytes.Buffer) {
	stamp(w, "shadow variables", o.Time, o.Since)
	for _, s := range o.Spaces {
		fmt.Fprintf(w, "\n%s: %d classes, %d live, %d bytes held%s\n", visible(s.Title()), s.Classes, s.Live, s.BytesHeld, delta(s.Change))
		fmt.Fprintf(w, "attached %d, freed %d, taken %d, collected %d\n", s.Attached, s.Freed, s.Taken, s.Collected)
		fmt.Fprintf(w, "table: %d slots, %d used, %d bytes, %d migrations; last reap %s, took %v, ended %d\n",
			s.TableSlots, s.TableUsed, s.TableBytes, s.TableMigrations, ago(s.LastReap, o.Time), s.LastReapTook, s.LastReapEnded)
		if len(s.Rows) == 0 {
			continue
		}
		fmt.Fprintln(w)
		table(w, func(row func(...any)) {
			row("HELD", "LIVE-BYTES", "LIVE", "ATTACHED", "ENDED", "LIFETIME", "ID", "NAME", "TYPE", changes(o.Since))
			for _, c := range s.Rows {
				row(c.BytesHeld, c.BytesLive, c.Live, c.Attached, c.Ended, c.Lifetime, c.Key, cell(c.Name), cell(c.Type), strings.TrimPrefix(delta(c.Change), ", "))
			}
		})
	}
}

func changes(since *time.Time) string {
	if since == nil {
		return ""
	}
	return "CHANGE"
}

func delta(c *change) string {
	if c == nil {
		return ""
	}
	text := fmt.Sprintf(", %+d bytes, %+d live, %d attached, %d ended", c.Held, c.Live, c.Attached, c.Ended)
	if c.New {
		text += ", new"
	}
	return text
}

func (v *classView) text(w *bytes.Buffer) {
	c, d := v.Class, v.Detail
	stamp(w, "class "+c.Key+" of "+visible(v.Space), v.Time, v.Since)
	fmt.Fprintln(w)
	memory := v.Memory()
	table(w, func(row func(...any)) {
		row("name", cell(c.Name))
		row("type", visible(c.Type))
		row("lifetime", c.Lifetime+": "+v.Holds())
		row("live", c.Live, strings.TrimPrefix(delta(c.Change), ", "))
		row("attached", c.Attached)
		row("freed, taken, collected", fmt.Sprintf("%d, %d, %d", c.Freed, c.Taken, c.Collected))
		row("under construction", c.Building)
		row("bytes live, held", fmt.Sprintf("%d, %d", c.BytesLive, c.BytesHeld))
		row("slots live, dead, free", fmt.Sprintf("%d, %d, %d", memory.Live, memory.Dead, memory.Fresh))
		row("chunks, waiting", fmt.Sprintf("%d, %d", c.Chunks, c.ChunksWaiting))
		if c.SlotsPerChunk != 0 {
			row("slots per chunk, bytes a variable", fmt.Sprintf("%d, %d", c.SlotsPerChunk, c.BytesPerSlot))
		}
		row("numbers, epochs waiting", fmt.Sprintf("%d, %d", c.NumbersWaiting, c.EpochsWaiting))
		row("handles", d.Handles)
		row("destructor, format", fmt.Sprintf("%t, %t", d.Destructor, d.Format))
	})
	if len(d.Ages) > 0 {
		fmt.Fprintf(w, "\nage of the %d that the profile has (of each %d attachments, one)\n\n", v.Recorded(), d.Rate)
		table(w, func(row func(...any)) {
			row("AGE", "VARIABLES")
			for _, a := range d.Ages {
				row(a.Age, a.Variables)
			}
		})
	}
	if d.Sampled == 0 {
		return
	}
	fmt.Fprintf(w, "\nids of %d parents\n\n", d.Sampled)
	table(w, func(row func(...any)) {
		row("IDS", "PARENTS")
		for _, b := range d.IDs {
			row(b.IDs, b.Parents)
		}
	})
	fmt.Fprintln(w, "\nsome parents")
	fmt.Fprintln(w)
	for _, p := range d.Parents {
		fmt.Fprintln(w, p)
	}
}

func (v *objectView) text(w *bytes.Buffer) {
	stamp(w, fmt.Sprintf("%d variables of %s", len(v.Variables), v.Address), v.Time, nil)
	if len(v.Variables) == 0 {
		return
	}
	fmt.Fprintln(w)
	table(w, func(row func(...any)) {
		row("CLASS", "ID", "TYPE", "LIFETIME", "PARENT", "DATA", "BYTES", "CONTENTS")
		for _, r := range v.Variables {
			text := "-"
			switch {
			case r.Failed:
				text = "Format failed: " + visible(r.Contents)
			case r.Shown:
				text = visible(r.Contents)
			}
			row(cell(r.Name), r.Key, cell(r.Type), r.Lifetime, cell(r.Parent), r.Address, r.Size, text)
		}
	})
}
