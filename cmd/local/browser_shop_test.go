package main

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// shop is a storefront that offers the refund to balance: its server asks iade, as shops' servers do, and sends the browser on.
type shop struct {
	*httptest.Server
	iade atomic.Pointer[journey]
}

// journey is what the shop is set up for.
type journey struct {
	api      string
	language string
	toShop   bool
}

func startShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		s.page(w, `<form method="post" action="/refund"><button id="to-balance">iyzico</button></form>`)
	})
	mux.HandleFunc("POST /refund", func(w http.ResponseWriter, r *http.Request) {
		location, err := s.refund()
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		http.Redirect(w, r, location, http.StatusSeeOther)
	})
	mux.HandleFunc("GET /returned", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		s.page(w, `<p id="order">`+html.EscapeString(q.Get("order"))+`</p><p id="status">`+html.EscapeString(q.Get("status"))+`</p><p id="refund">`+
			html.EscapeString(q.Get("refundId"))+`</p><p id="referrer">`+html.EscapeString(r.Referer())+`</p>`)
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *shop) page(w http.ResponseWriter, body string) {
	language, title := s.iade.Load().language, "Mağaza"
	if language == "en" {
		title = "Shop"
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, `<!doctype html><html lang="%s"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>%s</title><h1>%s</h1>%s</html>`,
		language, title, title, body)
}

// refund asks iade for the page to send the customer to.
func (s *shop) refund() (string, error) {
	j := s.iade.Load()
	body := `{"paymentId":"10000009","destination":"balance","locale":"` + j.language + `"`
	if j.toShop {
		body += `,"returnUrl":"` + s.URL + `/returned?order=4711"`
	}
	req, err := http.NewRequest(http.MethodPost, j.api+"/refunds", strings.NewReader(body+"}"))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", "order-4711")
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return "", err
	}
	var resource struct{ RedirectURL string }
	if json.Unmarshal(text, &resource) != nil || resource.RedirectURL == "" {
		return "", fmt.Errorf("iade answered %d %s", answer.StatusCode, text)
	}
	return resource.RedirectURL, nil
}
