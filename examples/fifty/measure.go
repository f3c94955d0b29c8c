package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/shadowvars/shadow/shadowdebug"
	"github.com/shadowvars/shadow/shadowexpvar"
)

// measure prints the throughput of a busy program with nobody looking, and with the page and the metrics of all classes asked for over HTTP every second, alternating, and the
// median of the ratios of neighbours; and how long one look takes, which says the same where other programs disturb the throughput. One operation is a lookup in nine cases of ten, else attaching or freeing.
func measure(w io.Writer, s *server, rounds int, slice time.Duration, goroutines int) {
	for n := range len(s.current) {
		s.serve(n)
	}
	mux := http.NewServeMux()
	mux.Handle("/debug/shadow/", shadowdebug.Handler(s.space))
	metrics := shadowexpvar.Func(&shadowexpvar.Options{Space: s.space, Classes: true})
	mux.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, metrics.String()) })
	site := httptest.NewServer(mux)
	defer site.Close()
	var alone, watched []float64
	s.load(slice, goroutines) // not counted: caches and heap find their state
	for round := range rounds {
		for turn := range 2 {
			if (round+turn)%2 == 0 {
				alone = append(alone, s.load(slice, goroutines))
				continue
			}
			stop := watch(site.URL)
			watched = append(watched, s.load(slice, goroutines))
			stop()
		}
	}
	best := time.Hour
	for range 10 * rounds {
		begin := time.Now()
		look(site.URL)
		best = min(best, time.Since(begin))
	}
	ratios := make([]float64, rounds)
	for i := range ratios {
		ratios[i] = watched[i] / alone[i]
	}
	a, b := median(alone), median(watched)
	fmt.Fprintf(w, "%d goroutines, %d variables, %d rounds of %v\n", goroutines, s.space.Stats().Live, rounds, slice)
	fmt.Fprintf(w, "alone    %6.2f M operations/s (%.2f to %.2f)\n", a, slices.Min(alone), slices.Max(alone))
	fmt.Fprintf(w, "watched  %6.2f M operations/s (%.2f to %.2f)\n", b, slices.Min(watched), slices.Max(watched))
	fmt.Fprintf(w, "looking every second costs %.1f %% of the throughput\n", 100*(1-median(ratios)))
	fmt.Fprintf(w, "one look takes %.2f ms when nothing else runs, %.2f %% of a second of %d processors\n",
		best.Seconds()*1e3, 100*best.Seconds()/float64(goroutines), goroutines)
}

// watch looks now and every second, until stop is called.
func watch(site string) (stop func()) {
	end := make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() {
		for {
			look(site)
			select {
			case <-end:
				return
			case <-time.After(time.Second):
			}
		}
	})
	return func() { close(end); ended.Wait() }
}

// look asks for the page and the metrics.
func look(site string) {
	ask(site + "/debug/shadow/")
	ask(site + "/metrics")
}

func ask(url string) {
	answer, err := http.Get(url)
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode != http.StatusOK {
		panic(fmt.Sprint(answer.Status, err))
	}
}

// load works for about a while on the requests that are under way and returns millions of operations per second.
func (s *server) load(while time.Duration, goroutines int) float64 {
	var operations atomic.Int64
	var workers sync.WaitGroup
	begin := time.Now()
	for worker := range goroutines {
		workers.Go(func() {
			random := uint32(worker*7919 + 1)
			next := func(n int) int {
				random = random*1664525 + 1013904223
				return int(uint64(random) * uint64(n) >> 32)
			}
			done := int64(0)
			for time.Since(begin) < while {
				for range 256 {
					r := s.current[next(len(s.current))]
					c := s.class(r.Number, next(6))
					switch next(20) {
					case 0:
						c.attach(r)
					case 1:
						c.free(r)
					default:
						c.has(r)
					}
				}
				done += 256
			}
			operations.Add(done)
		})
	}
	workers.Wait()
	return float64(operations.Load()) / time.Since(begin).Seconds() / 1e6
}

func median(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}
