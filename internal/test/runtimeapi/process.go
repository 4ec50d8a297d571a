package runtimeapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// maxPayload bounds an answer: Lambda takes 6 MB.
const maxPayload = 6 << 20

// process is one started bootstrap and the Runtime API that it alone talks to.
type process struct {
	server *httptest.Server
	cmd    *exec.Cmd

	asked chan struct{}   // closed with the first GET next
	next  chan invocation // taken by GET next
	done  chan outcome    // what became of the invocation under way
	ended chan struct{}   // closed when the process is gone

	mu      sync.Mutex
	first   sync.Once
	count   int
	current string         // the id of the invocation under way
	initErr *FunctionError // what it reported before it first asked
}

type invocation struct {
	id       string
	event    []byte
	deadline time.Time
}

type outcome struct {
	id      string // of the invocation
	payload []byte
	err     error
}

func newProcess() *process {
	p := &process{
		asked: make(chan struct{}), next: make(chan invocation), done: make(chan outcome, 1), ended: make(chan struct{}),
	}
	const base = "/2018-06-01/runtime/"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+base+"invocation/next", p.serveNext)
	mux.HandleFunc("POST "+base+"invocation/{id}/response", p.serveResponse)
	mux.HandleFunc("POST "+base+"invocation/{id}/error", p.serveError)
	mux.HandleFunc("POST "+base+"init/error", p.serveInitError)
	p.server = httptest.NewServer(mux)
	return p
}

func (p *process) address() string { return strings.TrimPrefix(p.server.URL, "http://") }

// run starts the command and watches for its end. If it cannot be started nothing is left behind.
func (p *process) run(cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		p.server.Close()
		return err
	}
	p.cmd = cmd
	go func() {
		_ = cmd.Wait() // killed processes end with an error, and the log says why others did
		close(p.ended)
		p.server.CloseClientConnections()
		p.server.Close()
	}()
	return nil
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	<-p.ended
}

func (p *process) over() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// ready waits for the first GET next.
func (p *process) ready(ctx context.Context) error {
	select {
	case <-p.asked:
		return nil
	case <-p.ended:
		return p.gone()
	case <-ctx.Done():
		return fmt.Errorf("wait for the first call of next: %w", ctx.Err())
	}
}

// gone says how the process ended.
func (p *process) gone() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.initErr != nil {
		return p.initErr
	}
	return fmt.Errorf("%w: %s", ErrEnded, p.cmd.ProcessState)
}

func (p *process) invoke(ctx context.Context, event []byte, timeout time.Duration) ([]byte, error) {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	p.mu.Lock()
	p.count++
	call := invocation{id: fmt.Sprintf("00000000-0000-4000-8000-%012d", p.count), event: event, deadline: time.Now().Add(timeout)}
	p.mu.Unlock()
	next := p.next
	for {
		select {
		case next <- call:
			next = nil // a nil channel is never ready: from here on the answer is awaited
		case got := <-p.done:
			if got.id == call.id { // else it answers one that nobody awaits any more
				return got.payload, got.err
			}
		case <-p.ended:
			return nil, p.gone()
		case <-timer.C:
			p.kill()
			return nil, ErrTimeout
		case <-ctx.Done():
			return nil, fmt.Errorf("await the answer: %w", ctx.Err())
		}
	}
}

func (p *process) serveNext(w http.ResponseWriter, r *http.Request) {
	p.first.Do(func() { close(p.asked) })
	select {
	case call := <-p.next:
		p.mu.Lock()
		p.current = call.id
		p.mu.Unlock()
		header := w.Header()
		header.Set("Content-Type", "application/json")
		header.Set("Lambda-Runtime-Aws-Request-Id", call.id)
		header.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(call.deadline.UnixMilli(), 10))
		header.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-west-1:000000000000:function:iade-test")
		_, _ = w.Write(call.event) // a process that went away has ended, which is noticed
	case <-r.Context().Done():
	case <-p.ended:
	}
}

func (p *process) serveResponse(w http.ResponseWriter, r *http.Request) {
	payload, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		p.finish(w, r, outcome{err: fmt.Errorf("read the answer: %w", err)})
	case err == nil:
		p.finish(w, r, outcome{payload: payload})
	default: // the process went away in the middle of it, and its end says so
	}
}

func (p *process) serveError(w http.ResponseWriter, r *http.Request) {
	if reported, ok := readError(r); ok {
		p.finish(w, r, outcome{err: reported})
	}
}

func (p *process) serveInitError(w http.ResponseWriter, r *http.Request) {
	reported, ok := readError(r)
	if !ok {
		return
	}
	p.mu.Lock()
	p.initErr = reported
	p.mu.Unlock()
	w.WriteHeader(http.StatusAccepted)
}

// finish hands over what became of the invocation under way. An answer to any other is refused, as Lambda refuses it.
func (p *process) finish(w http.ResponseWriter, r *http.Request, o outcome) {
	p.mu.Lock()
	mine := p.current != "" && r.PathValue("id") == p.current
	if mine {
		p.current = ""
	}
	p.mu.Unlock()
	if !mine {
		http.Error(w, `{"errorType":"InvalidRequestID"}`, http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusAccepted)
	o.id = r.PathValue("id")
	p.done <- o
}

// readError is what the process reports; ok is false if it went away in the middle of it.
func readError(r *http.Request) (reported *FunctionError, ok bool) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxPayload))
	if err != nil {
		return nil, false
	}
	if err := json.Unmarshal(body, &reported); err != nil || reported == nil {
		return &FunctionError{Type: "Unreadable", Message: fmt.Sprintf("%q: %v", body, err)}, true
	}
	return reported, true
}
