package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// client speaks HTTP/1.1, as the operator does, with a connection for each that posts at the same time.
type client struct {
	server string
	http   *http.Client
}

func connect(t task) (*client, error) {
	pem, err := os.ReadFile(t.CA)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	pair, err := tls.LoadX509KeyPair(t.Cert, t.Key)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}, NextProtos: []string{"http/1.1"}},
		MaxIdleConnsPerHost: t.Clients,
	}
	return &client{server: t.Server, http: &http.Client{Transport: transport}}, nil
}

func (c *client) postUntil(attempts int, path, body string) error {
	status, err := c.post(path, body)
	for range attempts - 1 {
		if err == nil {
			return nil
		}
		time.Sleep(time.Second)
		if status, err = c.post(path, body); status == http.StatusConflict {
			return nil
		}
	}
	return err
}

func (c *client) post(path, body string) (int, error) {
	res, err := c.http.Post(c.server+path, "application/json", strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= 300 {
		err = fmt.Errorf("%s: %.300s", res.Status, answer)
	}
	return res.StatusCode, err
}

// get asks for names and owners alone: the rest of an object would have to be read, too.
func (c *client) get(path string) (io.ReadCloser, error) {
	req, err := http.NewRequest("GET", c.server+path, nil)
	if err != nil {
		return nil, err
	}
	const kinds = "application/json;g=meta.k8s.io;v=v1;as=PartialObjectMetadata"
	req.Header.Set("Accept", kinds+"List,"+kinds)
	if strings.Contains(path, "watch=") {
		req.Header.Set("Accept", kinds)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		defer res.Body.Close()
		answer, _ := io.ReadAll(res.Body)
		return nil, fmt.Errorf("GET %s: %s: %.300s", path, res.Status, answer)
	}
	return res.Body, nil
}
