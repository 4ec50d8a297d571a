package iyzicotest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// Credentials that a Server knows unless told otherwise.
const (
	DefaultAPIKey    = "sandbox-apiKey"
	DefaultSecretKey = "sandbox-secretKey"
)

// maxBody bounds request bodies, those of the control side too.
const maxBody = 1 << 20

// Config says how a Server is made. The zero value is a Server in memory with the default credentials.
type Config struct {
	// APIKey and SecretKey default to DefaultAPIKey and DefaultSecretKey.
	APIKey    string
	SecretKey string
	// Clock defaults to time.Now.
	Clock func() time.Time
	// Dir keeps every payment and execution on disk, synced before it is answered; empty keeps nothing.
	Dir string
	// PublicURL is the origin of the customer's page; empty takes the request's own host.
	PublicURL string
	// Seed puts the walk-through's payments into an empty book.
	Seed bool
	// FailedAttempts makes reports list refused attempts too, with refundStatus 0.
	FailedAttempts bool
}

// Server is iyzico over HTTP. It is an http.Handler; faults need HTTP/1.1 connections, which net/http's servers give
// unless HTTP/2 is negotiated.
type Server struct {
	config   Config
	ledger   *Ledger
	file     *journalFile
	control  *http.ServeMux
	faults   faultList
	requests requestLog
	limits   limiter
	cert     certificate
	webhooks atomic.Int64 // sent so far

	keys keyring

	settingsMu sync.Mutex
	settings   Settings

	closing  chan struct{}
	activeMu sync.Mutex
	closed   bool
	// active counts requests being answered and late executions.
	active sync.WaitGroup
}

// New makes a Server, reading what Dir holds. It fails with [ErrInUse] if another process uses Dir, and if the journal
// there is damaged anywhere but in its last line.
func New(config Config) (*Server, error) {
	if config.APIKey == "" {
		config.APIKey = DefaultAPIKey
	}
	if config.SecretKey == "" {
		config.SecretKey = DefaultSecretKey
	}
	if config.Clock == nil {
		config.Clock = time.Now
	}
	if config.PublicURL != "" {
		if u, err := url.Parse(config.PublicURL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, errors.New("public URL must be an http or https origin")
		}
	}
	s := &Server{config: config, settings: defaultSettings(), closing: make(chan struct{})}
	s.SetKeys(KeyPair{config.APIKey, config.SecretKey})
	var options []Option
	if config.FailedAttempts {
		options = append(options, WithFailedAttempts())
	}
	if config.Dir != "" {
		file, entries, err := openJournal(config.Dir)
		if err != nil {
			return nil, err
		}
		s.file = file
		s.ledger = NewLedger(config.Clock, append(options, WithJournal(file.write))...)
		if err := s.ledger.Replay(entries); err != nil {
			return nil, errors.Join(fmt.Errorf("read %s: %w", config.Dir, err), file.close())
		}
	} else {
		s.ledger = NewLedger(config.Clock, options...)
	}
	if config.Seed {
		if err := Seed(s.ledger); err != nil {
			return nil, errors.Join(err, s.closeFile())
		}
	}
	s.control = s.controlRoutes()
	return s, nil
}

// Ledger gives the book behind the server.
func (s *Server) Ledger() *Ledger { return s.ledger }

// Close ends hanging and slow answers, drops late executions that are not yet due, waits for answers under way, and
// releases Dir. Later requests get 503. It does not close connections.
func (s *Server) Close() error {
	s.activeMu.Lock()
	first := !s.closed
	s.closed = true
	s.activeMu.Unlock()
	if !first {
		return nil
	}
	close(s.closing)
	s.active.Wait()
	return s.closeFile()
}

// begin counts one more thing under way; false if the server is closed.
func (s *Server) begin() bool {
	s.activeMu.Lock()
	defer s.activeMu.Unlock()
	if s.closed {
		return false
	}
	s.active.Add(1)
	return true
}

func (s *Server) closeFile() error {
	if s.file == nil {
		return nil
	}
	return s.file.close()
}

// ServeHTTP answers API calls, the customer's page and the control side.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			http.Error(w, "request body too large", http.StatusRequestEntityTooLarge)
			return
		}
		http.Error(w, "request body unreadable", http.StatusBadRequest)
		return
	}
	if !s.begin() {
		http.Error(w, "closed", http.StatusServiceUnavailable)
		return
	}
	defer s.active.Done()
	if e, ok := endpoints[r.URL.Path]; ok {
		s.serveAPI(w, r, e, body)
		return
	}
	s.control.ServeHTTP(w, withBody(r, body))
}
