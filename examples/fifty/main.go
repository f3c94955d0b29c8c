// Fifty is a program with fifty classes, one of which holds the memory: nobody frees what the search attaches to its requests, and its
// class pins them. It serves the debug page, which has the culprit in its first line.
//
//	go run ./examples/fifty            # then open the address that it prints
//	go run ./examples/fifty -measure   # what looking costs a busy program: throughput with and without a page a second
package main

import (
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"time"

	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/shadowdebug"
)

func main() {
	listen := flag.String("http", "localhost:8080", "where to serve the page; not where strangers come by")
	measuring := flag.Bool("measure", false, "measure what looking costs, and end")
	rounds := flag.Int("rounds", 11, "how often to measure with and without the page")
	slice := flag.Duration("slice", 2*time.Second, "how long each time")
	standing := flag.Int("requests", 10_000, "how many requests are under way at a time; each has about six variables")
	flag.Parse()

	s := newServer(shadow.NewSpace(&shadow.SpaceOptions{Name: "fifty"}), *standing)
	if *measuring {
		measure(os.Stdout, s, *rounds, *slice, runtime.GOMAXPROCS(0))
		return
	}
	past := 10 * *standing // the program has run for a while
	for n := range past {
		s.serve(n)
	}
	go func() {
		for n := past; ; n++ {
			s.serve(n)
			time.Sleep(time.Millisecond)
		}
	}()
	mux := http.NewServeMux()
	mux.Handle("/debug/shadow/", shadowdebug.Handler(s.space))
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("http://%s/debug/shadow/\n", l.Addr())
	fmt.Fprintln(os.Stderr, http.Serve(l, mux))
}
