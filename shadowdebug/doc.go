// Package shadowdebug serves a page that shows what is attached to what, and what it costs.
//
//	http.Handle("/debug/shadow/", shadowdebug.Handler())
//
// It is for the people who run a program: which class holds the memory, which grows, what hangs on this object. Importing
// the package registers nothing; a program without it does not contain net/http for its sake.
//
// # Pages
//
//	?                     all spaces and their classes, those first that hold the most memory
//	?class=0x2a           one class: its types, how full its memory is, how many ids its parents have, some parents' addresses
//	?addr=0xc000012345    everything that is attached to the object at an address, as %p prints it
//
// Further parameters, for all of them:
//
//	space=1               the space of the class, counted from 0 in the order given to Handler
//	format=json, text     another form; JSON has the fields of [shadow.Stats] and [shadow.ClassStats] as they are
//	since=…               a former look, as the page's own links carry it: figures are then shown with what has changed
//	sort=held             or live, attached, ended, waiting, growth, name
//	q=cache               only classes with this in their name, type or id
//	all=1                 all classes, and not only the first hundred
//	refresh=5             loads the page again every so many seconds
//
// # What it shows of your data
//
// Names, types, sizes, counts and addresses. The contents of a variable are shown only on the page of its object, and only by the class's own Format
// function, whose owner knows what locks the data needs; the library never reads them by itself. The request waits for Format, which runs in a goroutine of its own and
// should be quick; if it panics or ends its goroutine, the page says so and goes on.
//
// # Whom to let in
//
// Nobody but those who may see your process's memory layout: addresses help an attacker, class names tell what you build, and Format may show whatever you let it. So
// serve it where /debug/pprof/ is served, on a listener that the network does not reach or behind your own authentication, not on the public
// mux. There is nothing to protect from cross-site requests: the handler answers GET and HEAD alone and changes nothing, not even for its own next
// page; what a page compares with is in its links. Its pages cannot be framed, load nothing from anywhere and contain no script.
//
// # What it costs
//
// Looking stops nobody and takes no lock. No parent is kept alive by it: parents are addresses here, never pointers. The overview takes a step for each class and
// one for every 32 variables; a class's page the same, a few thousand lookups, and one for each variable that its profile has recorded; an object's page one lookup for each class. To
// see what polling it costs a busy program, run
//
//	go run ./examples/fifty -measure
package shadowdebug
