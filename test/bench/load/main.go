// Posts objects to an API server over kept-alive connections and tells how long each POST took and, with a watch, how
// long it was until what came of it was seen there. Takes its task as JSON on standard input, prints JSON. It is not
// written in what it measures: on a small machine a client that is slow itself would hide what it waits for.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

type task struct {
	Server string `json:"server"`
	// Files in PEM.
	CA   string `json:"ca"`
	Cert string `json:"cert"`
	Key  string `json:"key"`
	// Posted to in turn.
	Targets []target `json:"targets"`
	// Of the objects: PREFIX-0, PREFIX-1 …
	Prefix  string `json:"prefix"`
	Count   int    `json:"count"`
	Clients int    `json:"clients"`
	// Path of the collection in which an object of that name, or one whose first owner has it, is to appear.
	Watch string `json:"watch"`
	// How often a POST is tried; 1 unless said. One that got no answer may have been carried out all the same.
	Attempts int `json:"attempts"`
	// A client posts again only when what it posted last was seen.
	Wait bool `json:"wait"`
	// And only so many milliseconds later, when what follows a run's start is over.
	PauseMs int `json:"pauseMs"`
}

type target struct {
	Path string `json:"path"`
	// JSON of an object, in which "name-placeholder" stands for its name.
	Body string `json:"body"`
}

type report struct {
	// From the first POST until everything was answered and seen.
	Seconds float64 `json:"seconds"`
	// From a POST to its answer, for each target, in microseconds.
	Answered [][]int64 `json:"answered"`
	// From a POST to its object on the watch.
	Seen   []int64        `json:"seen"`
	Errors map[string]int `json:"errors"`
}

const (
	placeholder = "name-placeholder"
	patience    = 5 * time.Minute
)

func main() {
	var t task
	if err := json.NewDecoder(os.Stdin).Decode(&t); err != nil {
		fail(err)
	}
	c, err := connect(t)
	if err != nil {
		fail(err)
	}
	s := newSightings(t)
	if t.Watch != "" {
		if err := s.watch(c, t.Watch); err != nil {
			fail(err)
		}
	}
	json.NewEncoder(os.Stdout).Encode(run(c, t, s))
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func run(c *client, t task, s *sightings) report {
	r := report{Answered: make([][]int64, len(t.Targets)), Errors: map[string]int{}}
	var next atomic.Int64
	var lock sync.Mutex
	var group sync.WaitGroup
	start := time.Now()
	for range t.Clients {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < t.Count; i = int(next.Add(1)) - 1 {
				which := i % len(t.Targets)
				to := t.Targets[which]
				body := strings.ReplaceAll(to.Body, placeholder, s.name(i))
				s.posted[i] = time.Now()
				err := c.postUntil(max(t.Attempts, 1), to.Path, body)
				took := time.Since(s.posted[i]).Microseconds()
				lock.Lock()
				if err != nil {
					r.Errors[err.Error()]++
					s.giveUp(i)
				} else {
					r.Answered[which] = append(r.Answered[which], took)
				}
				lock.Unlock()
				if t.Wait {
					s.await(i)
					time.Sleep(time.Duration(t.PauseMs) * time.Millisecond)
				}
			}
		})
	}
	group.Wait()
	if t.Watch != "" {
		for i := range t.Count {
			if !s.await(i) {
				r.Errors["not seen on the watch"]++
			} else if at := s.at[i]; !at.IsZero() {
				r.Seen = append(r.Seen, at.Sub(s.posted[i]).Microseconds())
			}
		}
	}
	r.Seconds = time.Since(start).Seconds()
	return r
}
