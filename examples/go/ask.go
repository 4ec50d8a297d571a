package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// answer is what the examples read of iade's answers. Of a problem, Status is the end of its type: its slug.
type answer struct {
	ID, Type, Status, Detail, CustomerReference, Refundable string
	Legs                                                    []struct{ PaymentTransactionID, Amount string }
	wait                                                    time.Duration
}

var client = &http.Client{
	Timeout:       40 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// post makes one request. What is not iade's (no answer, a gateway's own) leaves it unknown.
func post(path, key, body string) answer {
	unknown := answer{Status: "unknown", wait: 2 * time.Second}
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, address()+path, strings.NewReader(body))
	if err != nil {
		return unknown
	}
	request.Header.Set("Content-Type", "application/json")
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	if authorize(request, body) != nil {
		return unknown
	}
	response, err := client.Do(request)
	if err != nil {
		return unknown
	}
	defer func() { _ = response.Body.Close() }()
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil {
		unknown.wait = time.Duration(seconds) * time.Second
	}
	content, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	got := answer{wait: unknown.wait}
	_ = json.Unmarshal(content, &got) // a problem's status is a number: its type says more
	slug, ours := strings.CutPrefix(got.Type, "urn:iade:problem:")
	switch {
	case err != nil: // cut off: unknown
	case got.ID != "", got.Legs != nil:
		return got
	case ours:
		got.Status = slug
		return got
	}
	return unknown
}
