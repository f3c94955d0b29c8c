// Package shadowpprof makes profiles for go tool pprof of live shadow variables: how many there are and what they take, by
// the stacks that attached them.
//
// A class takes part if it was opened with a sampling rate; the others cost nothing and are not in the profile:
//
//	var sessions = shadow.MustNew(id, &shadow.Options[net.TCPConn, Session]{Name: "sessions", Profile: 1000})
//
// A server gives the profile out where it gives out its others, to those who may see them (the profile names
// functions, files and classes, and has nothing of the data):
//
//	mux.HandleFunc("/debug/shadow/profile", func(w http.ResponseWriter, r *http.Request) { shadowpprof.Write(w) })
//
// and then
//
//	go tool pprof -sample_index=space http://localhost:6060/debug/shadow/profile
//	(pprof) top             which functions attached what is there now
//	(pprof) list serve      at which lines
//	(pprof) tags            of which classes and lifetimes
//	(pprof) tagfocus=class=sessions
//
// Two profiles taken some time apart and compared by -diff_base show what is growing.
//
// The values are estimates, the recorded variables times the rate of their class, and exact at rate 1. They
// are as fresh as [shadow.Space.Samples]: what has been freed, or has lost its parent to the collector, is not in them any more. Package runtime/pprof has
// no way to let a profile be computed when it is read, so this one is not among those that runtime/pprof lists.
//
// It is a module of its own, because it needs github.com/google/pprof.
package shadowpprof
