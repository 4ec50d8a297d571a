package deploy_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience bounds the start of a process on a busy machine.
const patience = 3 * time.Minute

// startUntil starts a command and waits until it has said that text on the stream that open gives. The command gets an
// interrupt when the test ends, and what it said is shown if the test failed.
func startUntil(t *testing.T, command *exec.Cmd, open func() (io.ReadCloser, error), text string) string {
	t.Helper()
	stream, err := open()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	said := &transcript{text: text, found: make(chan struct{})}
	over := make(chan struct{})
	go func() {
		defer close(over)
		_, _ = io.Copy(said, stream) // a stream that breaks off is the command's end
	}()
	t.Cleanup(func() {
		_ = command.Process.Signal(os.Interrupt) // it may have ended by itself
		select {
		case <-over:
		case <-time.After(patience):
			_ = command.Process.Kill()
			<-over
		}
		_ = command.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%s", command, said)
		}
	})
	select {
	case <-said.found:
	case <-over:
		t.Fatalf("%s ended: %s", command, said)
	case <-time.After(patience):
		t.Fatalf("%s did not say %q: %s", command, text, said)
	}
	return said.String()
}

// transcript keeps what is written and tells when a text is in it.
type transcript struct {
	text  string
	found chan struct{}

	mu   sync.Mutex
	all  bytes.Buffer
	done bool
}

func (s *transcript) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.all.Write(p)
	if !s.done && strings.Contains(s.all.String(), s.text) {
		s.done = true
		close(s.found)
	}
	return n, err
}

func (s *transcript) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.String()
}
