package safety

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// Side is one of the two services that are compared.
type Side struct {
	Name string
	// command is the program's folder in this module.
	command string
	// arguments and settings are what it is started with.
	arguments func(data string) []string
	settings  []string
}

// Iade is cmd/local with its store on disk. Its limit of calls a minute is out of the way: the obvious service has none.
func Iade() Side {
	return Side{
		Name: "iade", command: "cmd/local",
		arguments: func(data string) []string { return []string{"-addr", "127.0.0.1:0", "-data", data} },
		settings: []string{
			"SETTLE_WINDOW=" + settleWindow.String(), "IYZICO_TIMEOUT=" + timeout.String(), "RATE_LIMIT_PER_MINUTE=100000", "LOG_LEVEL=error",
		},
	}
}

// Obvious is the obvious service.
func Obvious() Side {
	return Side{
		Name: "the obvious service", command: "internal/test/safety/obvious",
		arguments: func(data string) []string {
			return []string{"-addr", "127.0.0.1:0", "-data", data, "-timeout", timeout.String()}
		},
	}
}

// Programs are the built services.
type Programs struct{ paths map[string]string }

// Build builds both services into a folder; root is the module's.
func Build(ctx context.Context, root, folder string) (Programs, error) {
	p := Programs{map[string]string{}}
	for _, side := range []Side{Iade(), Obvious()} {
		path := filepath.Join(folder, filepath.Base(side.command))
		cmd := exec.CommandContext(ctx, "go", "build", "-o", path, "./"+side.command)
		cmd.Dir = root
		if out, err := cmd.CombinedOutput(); err != nil {
			return Programs{}, fmt.Errorf("build %s: %w\n%s", side.command, err, out)
		}
		p.paths[side.command] = path
	}
	return p, nil
}

// service is a running one. Its URL changes when it is killed and started again.
type service struct {
	program string
	side    Side
	data    string
	iyzico  string

	mu    sync.Mutex
	url   string
	cmd   *exec.Cmd
	ended chan struct{}
}

// patience bounds whatever is waited for. It is far more than anything needs, because the machine may be busy.
const patience = 2 * time.Minute

// start starts the program on its folder and waits until it says where it is.
func (s *service) start() error {
	cmd := exec.CommandContext(context.Background(), s.program, s.side.arguments(s.data)...)
	cmd.Env = append(withoutSettings(os.Environ()), s.side.settings...)
	cmd.Env = append(cmd.Env, "IYZICO_BASE_URL="+s.iyzico, "IYZICO_API_KEY="+iyzicotest.DefaultAPIKey, "IYZICO_SECRET_KEY="+iyzicotest.DefaultSecretKey)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", s.side.Name, err)
	}
	ended, found := make(chan struct{}), make(chan string, 1)
	go func() {
		defer close(ended)
		lines := bufio.NewScanner(out)
		if lines.Scan() {
			if at := strings.Index(lines.Text(), "http://"); at >= 0 {
				found <- strings.Fields(lines.Text()[at:])[0]
			}
		}
		_, _ = io.Copy(io.Discard, out) // so that the program never waits for a reader
		_ = cmd.Wait()                  // it is killed in the end, which is an error
	}()
	s.mu.Lock()
	s.cmd, s.ended = cmd, ended
	s.mu.Unlock()
	select {
	case url := <-found:
		s.mu.Lock()
		s.url = url
		s.mu.Unlock()
		return nil
	case <-ended:
		return fmt.Errorf("%s ended: %s", s.side.Name, said.String())
	case <-time.After(patience):
		return errors.Join(fmt.Errorf("%s does not say where it is", s.side.Name), s.kill())
	}
}

// kill ends the program like kill -9 and waits until it is gone.
func (s *service) kill() error {
	s.mu.Lock()
	cmd, ended := s.cmd, s.ended
	s.mu.Unlock()
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill %s: %w", s.side.Name, err)
	}
	<-ended
	return nil
}

func (s *service) address() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.url
}

// withoutSettings leaves out what would change the services.
func withoutSettings(environment []string) []string {
	var kept []string
	for _, v := range environment {
		name, _, _ := strings.Cut(v, "=")
		for _, prefix := range []string{"IYZICO_", "AWS_", "CALLBACK_", "TABLE_", "PUBLIC_", "RETURN_", "SETTLE_", "RATE_", "BALANCE_", "LOG_"} {
			if strings.HasPrefix(name, prefix) {
				name = ""
				break
			}
		}
		if name != "" {
			kept = append(kept, v)
		}
	}
	return kept
}
