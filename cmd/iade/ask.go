package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/iade/iade/internal/bulk"
	"github.com/iade/iade/internal/words"
)

// maxPage bounds one answer that is read as a whole: 200 operations of 100 legs each are less.
const maxPage = 32 << 20

const (
	mediaJSON = "application/json"
	mediaCSV  = "text/csv"
)

// refusal is why there is no answer of use: iade's own problem, a gateway's, or none at all.
type refusal struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Errors []struct {
		Field   string `json:"field"`
		Message string `json:"message"`
	} `json:"errors"`

	status     int // 0 = nothing was answered
	retryAfter time.Duration
	cause      error
}

func (r *refusal) Error() string {
	if r.status == 0 {
		return r.cause.Error()
	}
	return fmt.Sprintf("HTTP %d %s", r.status, cmp.Or(r.slug(), "not iade's own answer"))
}

func (r *refusal) Unwrap() error { return r.cause }

// slug names the problem, "" if the answer is not iade's own.
func (r *refusal) slug() string { return words.Slug(r.Type) }

// exit is the exit code that the refusal gives.
func (r *refusal) exit() int {
	switch {
	case r.slug() == "" || r.status >= http.StatusInternalServerError || r.status == http.StatusTooManyRequests,
		r.status == http.StatusUnauthorized || r.status == http.StatusForbidden:
		return exitNoAnswer
	}
	return exitSomeNot
}

// tell says for people what was answered and what to do.
func (r *refusal) tell(w io.Writer, l language) {
	switch {
	case r.status == 0 && errors.Is(r.cause, bulk.ErrNotReached):
		say(w, "iade: %s\n", text{"nothing answers at the API's address: start iade, or name another address with -api",
			"API'nin adresinde yanıt veren yok: iade'yi başlatın veya -api ile başka adres verin"}.In(l))
		say(w, "  %s\n", plain(r.cause.Error()))
	case r.status == 0:
		say(w, "iade: %s\n  %s\n", text{"the answer did not arrive; the same command may be run again", "yanıt gelmedi; aynı komut yeniden çalıştırılabilir"}.In(l),
			plain(r.cause.Error()))
	case r.status == http.StatusUnauthorized || r.status == http.StatusForbidden:
		say(w, "iade: HTTP %d: %s\n", r.status, text{"the API does not let you in: use credentials that are valid now and have the scope for this command",
			"API izin vermedi: şu an geçerli olan ve bu komutun kapsamına sahip kimlik bilgileri kullanın"}.In(l))
	case r.slug() == "":
		say(w, "iade: HTTP %d: %s\n", r.status, text{"this is not iade's own answer (a gateway's, or another program's): look at -api; nothing is known from it",
			"bu iade'nin kendi yanıtı değil (ağ geçidinin veya başka bir programın): -api değerine bakın; bundan bir şey anlaşılmaz"}.In(l))
	default:
		say(w, "iade: %s (%s)\n", cmp.Or(problemWord(r.slug(), l), plain(r.Title)), plain(r.slug()))
		if r.Detail != "" {
			say(w, "  %s\n", plain(r.Detail))
		}
		for _, e := range r.Errors {
			say(w, "  %s: %s\n", plain(e.Field), plain(e.Message))
		}
		if r.retryAfter > 0 {
			say(w, "  %s\n", fmt.Sprintf(text{"ask again after %s", "%s sonra yeniden sorun"}.In(l), span(r.retryAfter)))
		}
	}
}

// open begins a request and gives its answer, which is the caller's to close. Whatever is no success is a *refusal.
func (c *client) open(ctx context.Context, method, path, accept string, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	request.Header.Set("Accept", accept)
	if body != nil {
		request.Header.Set("Content-Type", mediaJSON)
	}
	response, err := c.send(request, body)
	if err != nil {
		return nil, &refusal{cause: err}
	}
	if response.StatusCode/100 == 2 {
		return response, nil
	}
	no := &refusal{}
	said, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return nil, &refusal{cause: fmt.Errorf("read answer: %w", err)}
	}
	if json.Unmarshal(said, no) != nil {
		no = &refusal{} // a page of a gateway's
	}
	no.status, no.retryAfter = response.StatusCode, retryAfter(response.Header)
	return nil, no
}

// ask makes a request and gives the answer's whole body, which is JSON.
func (c *client) ask(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	response, err := c.open(ctx, method, path, mediaJSON, body)
	if err != nil {
		return nil, err
	}
	said, err := io.ReadAll(io.LimitReader(response.Body, maxPage+1))
	err = errors.Join(err, response.Body.Close())
	switch {
	case err != nil:
		return nil, &refusal{cause: fmt.Errorf("read answer: %w", err)}
	case len(said) > maxPage:
		return nil, &refusal{cause: fmt.Errorf("the answer is longer than %d bytes", maxPage)}
	case !json.Valid(said):
		return nil, &refusal{status: response.StatusCode}
	}
	return said, nil
}

// read makes a GET and reads the answer into a value of its own form.
func (c *client) read(ctx context.Context, path string, into any) ([]byte, error) {
	said, err := c.ask(ctx, http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	return said, understand(said, into)
}

// understand reads an answer of iade's. Members that it does not know may be there: the API may be newer.
func understand(said []byte, into any) error {
	if err := json.Unmarshal(said, into); err != nil {
		return fmt.Errorf("the answer has not the form of iade's API: %w", err)
	}
	return nil
}

// connect makes the client of a command that asks one thing at a time.
func (k *call) connect() (*client, error) {
	client, err := newClient(k.api, 1, k.getenv)
	if err != nil {
		return nil, before(err)
	}
	return client, nil
}

// raw writes an answer as it came, a line.
func (k *call) raw(said []byte) error {
	if _, err := fmt.Fprintf(k.out, "%s\n", bytes.TrimSpace(said)); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}
