// Posts to a webhook as the API server does (HTTP/1.1, connections kept alive, no retries) and prints as JSON what came
// of it.
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"
)

type report struct {
	Requests     int            `json:"requests"`
	PerSecond    float64        `json:"perSecond"`
	P50          int64          `json:"p50us"`
	P99          int64          `json:"p99us"`
	Errors       map[string]int `json:"errors"`
	Certificates int            `json:"certificates"`
	// HTTP versions of the answers.
	Protocols []string `json:"protocols"`
	// Clients that ended because they were told to (-until-close).
	Closed int `json:"closed"`
}

var (
	url        = flag.String("url", "", "where to post to")
	ca         = flag.String("ca", "", "PEM file of the CAs to trust")
	clients    = flag.Int("clients", 8, "how many post at the same time, each on a connection of its own")
	duration   = flag.Duration("for", 3*time.Second, "for how long")
	fresh      = flag.Bool("new", false, "a new connection for each request")
	size       = flag.Int("size", 820, "bytes of a body")
	file       = flag.String("body", "", "file with a body to post instead")
	version    = flag.String("tls", "", "this version of TLS alone: 1.1, 1.2 or 1.3")
	h2         = flag.Bool("h2", false, "offer HTTP/2, too, as the API server does to localhost")
	untilClose = flag.Bool("until-close", false, "a client ends when an answer says connection: close")
)

var versions = map[string]uint16{"1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}

type client struct {
	took         []time.Duration
	errors       []error
	certificates []string
	protocols    []string
	closed       bool
}

func main() {
	flag.Parse()
	pem, err := os.ReadFile(*ca)
	pool := x509.NewCertPool()
	if err != nil || !pool.AppendCertsFromPEM(pem) {
		fmt.Fprintln(os.Stderr, "no CA in", *ca, err)
		os.Exit(1)
	}
	body := bodyOf(*size)
	if *file != "" {
		if body, err = os.ReadFile(*file); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	all := make([]client, *clients)
	var group sync.WaitGroup
	start := time.Now()
	for i := range all {
		group.Go(func() { all[i].run(pool, body, start.Add(*duration)) })
	}
	group.Wait()
	json.NewEncoder(os.Stdout).Encode(summary(all, time.Since(start)))
}

func bodyOf(size int) []byte {
	const head, tail = `{"request":{"uid":"1","padding":"`, `"}}`
	return slices.Concat([]byte(head), bytes.Repeat([]byte("x"), max(0, size-len(head)-len(tail))), []byte(tail))
}

func (c *client) run(pool *x509.CertPool, body []byte, end time.Time) {
	transport := &http.Transport{
		TLSClientConfig:   &tls.Config{RootCAs: pool, NextProtos: []string{"http/1.1"}},
		DisableKeepAlives: *fresh,
	}
	if v, ok := versions[*version]; ok {
		transport.TLSClientConfig.MinVersion, transport.TLSClientConfig.MaxVersion = v, v
	}
	if *h2 {
		transport.TLSClientConfig.NextProtos, transport.ForceAttemptHTTP2 = nil, true
	}
	poster := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	for time.Now().Before(end) && !c.closed {
		start := time.Now()
		if err := c.post(poster, body); err != nil {
			c.errors = append(c.errors, err)
		} else {
			c.took = append(c.took, time.Since(start))
		}
	}
}

func (c *client) post(poster *http.Client, body []byte) error {
	res, err := poster.Post(*url, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK || !json.Valid(answer) {
		return fmt.Errorf("%s: %.100q", res.Status, answer)
	}
	c.closed = *untilClose && res.Close
	c.certificates = including(c.certificates, res.TLS.PeerCertificates[0].SerialNumber.String())
	c.protocols = including(c.protocols, res.Proto)
	return nil
}

func including(list []string, items ...string) []string {
	for _, item := range items {
		if !slices.Contains(list, item) {
			list = append(list, item)
		}
	}
	return list
}

func summary(all []client, took time.Duration) report {
	r := report{Errors: map[string]int{}}
	var times []time.Duration
	var certificates []string
	for _, c := range all {
		times = append(times, c.took...)
		for _, err := range c.errors {
			r.Errors[err.Error()]++
		}
		certificates = including(certificates, c.certificates...)
		r.Protocols = including(r.Protocols, c.protocols...)
		if c.closed {
			r.Closed++
		}
	}
	slices.Sort(times)
	r.Requests, r.Certificates = len(times), len(certificates)
	r.PerSecond = float64(len(times)) / took.Seconds()
	if len(times) > 0 {
		r.P50, r.P99 = times[len(times)/2].Microseconds(), times[len(times)*99/100].Microseconds()
	}
	return r
}
