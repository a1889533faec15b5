package main

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"
)

// sightings says when what came of each object was seen.
type sightings struct {
	prefix string
	index  map[string]int
	posted []time.Time
	// Zero for what was given up.
	at   []time.Time
	seen []chan struct{}
	once []sync.Once
}

func newSightings(t task) *sightings {
	s := &sightings{
		prefix: t.Prefix,
		index:  make(map[string]int, t.Count),
		posted: make([]time.Time, t.Count),
		at:     make([]time.Time, t.Count),
		seen:   make([]chan struct{}, t.Count),
		once:   make([]sync.Once, t.Count),
	}
	for i := range t.Count {
		s.index[s.name(i)] = i
		s.seen[i] = make(chan struct{})
	}
	return s
}

func (s *sightings) name(i int) string { return fmt.Sprintf("%s-%d", s.prefix, i) }

// await gives false when it took too long.
func (s *sightings) await(i int) bool {
	select {
	case <-s.seen[i]:
		return true
	case <-time.After(patience):
		return false
	}
}

func (s *sightings) giveUp(i int) { s.once[i].Do(func() { close(s.seen[i]) }) }

type object struct {
	Metadata struct {
		Name            string `json:"name"`
		ResourceVersion string `json:"resourceVersion"`
		OwnerReferences []struct {
			Name string `json:"name"`
		} `json:"ownerReferences"`
	} `json:"metadata"`
}

// watch follows a collection from now on; it returns when the watch is there.
func (s *sightings) watch(c *client, path string) error {
	list, err := c.get(path + "?limit=1")
	if err != nil {
		return err
	}
	defer list.Close()
	var now object
	if err := json.NewDecoder(list).Decode(&now); err != nil {
		return err
	}
	version := now.Metadata.ResourceVersion
	events, err := c.get(path + "?watch=true&resourceVersion=" + version)
	if err != nil {
		return err
	}
	go func() {
		for {
			version = s.follow(events, version)
			// a server under load ends a watch that does not keep up
			if events, err = c.get(path + "?watch=true&resourceVersion=" + version); err != nil {
				fail(err)
			}
		}
	}()
	return nil
}

// follow reads a watch to its end and gives the version to go on from.
func (s *sightings) follow(events io.ReadCloser, version string) string {
	defer events.Close()
	decoder := json.NewDecoder(events)
	for {
		var event struct {
			Type   string `json:"type"`
			Object object `json:"object"`
		}
		if err := decoder.Decode(&event); err != nil {
			return version
		}
		if event.Type == "ERROR" {
			fail(fmt.Errorf("the watch cannot go on from version %s", version))
		}
		version = event.Object.Metadata.ResourceVersion
		if event.Type == "ADDED" {
			s.see(event.Object, time.Now())
		}
	}
}

func (s *sightings) see(o object, at time.Time) {
	name := o.Metadata.Name
	if owners := o.Metadata.OwnerReferences; len(owners) > 0 {
		name = owners[0].Name
	}
	if i, ok := s.index[name]; ok {
		s.once[i].Do(func() {
			s.at[i] = at
			close(s.seen[i])
		})
	}
}
