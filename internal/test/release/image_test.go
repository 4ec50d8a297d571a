//go:build linux

package release_test

import (
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/iade/iade/internal/test/need"
	"github.com/iade/iade/internal/test/repo"
)

func TestMain(m *testing.M) { repo.Main(m) }

func dockerfile(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// builtAsInTheImage builds the program with the Dockerfile's own command.
func builtAsInTheImage(t *testing.T) string {
	t.Helper()
	need.Programs(t)
	match := regexp.MustCompile(`(?m)^RUN CGO_ENABLED=0 (go build .*) -o /out/iade-local (\./cmd/local)$`).FindStringSubmatch(dockerfile(t))
	if match == nil {
		t.Fatal("the Dockerfile does not build the program as this test expects")
	}
	path := filepath.Join(t.TempDir(), "iade-local")
	command := exec.Command("sh", "-c", match[1]+" -o "+path+" "+match[2])
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// TestTheImageHasNoShellAndNoRoot: nothing of the stage that builds stays but the program, certificates and an empty folder.
func TestTheImageHasNoShellAndNoRoot(t *testing.T) {
	t.Parallel()
	_, last, ok := strings.Cut(dockerfile(t), "\nFROM scratch\n")
	if !ok || strings.Contains(last, "FROM") || strings.Contains(last, "RUN") || strings.Count(last, "COPY") != 3 || strings.Contains(last, "sh\"") {
		t.Errorf("the last stage is\n%s", last)
	}
	for _, line := range []string{"USER 65532:65532", "VOLUME /data", `ENTRYPOINT ["/iade-local", "-data", "/data", "-addr", "0.0.0.0:8080"]`} {
		if !strings.Contains(last, "\n"+line+"\n") {
			t.Errorf("the last stage lacks %s", line)
		}
	}
	module, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(module)
	if !strings.Contains(dockerfile(t), "FROM golang:"+string(version[1])+" AS build") {
		t.Errorf("go.mod wants Go %s, and the Dockerfile builds with another", version[1])
	}
}

// TestTheProgramNeedsNothingAroundIt runs it as the image does: as nobody, in a folder with certificates and /data alone.
func TestTheProgramNeedsNothingAroundIt(t *testing.T) {
	t.Parallel()
	program := builtAsInTheImage(t)
	file, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range file.Progs {
		if part.Type == elf.PT_INTERP {
			t.Error("the program is not static")
		}
	}
	_ = file.Close()
	if os.Getuid() != 0 {
		t.Skip("only root can run it in an empty folder")
	}
	root := emptyRoot(t, program)
	sum := sha256.Sum256([]byte("token"))
	if err := os.WriteFile(filepath.Join(root, "tokens"), []byte("read "+hex.EncodeToString(sum[:])+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	wide := []string{"/iade-local", "-data", "/data", "-addr", "0.0.0.0:" + freePort(t)}
	run := func(env ...string) (*exec.Cmd, *bytes.Buffer) {
		var said bytes.Buffer
		command := &exec.Cmd{Path: "/iade-local", Args: append(wide, "-iyzico-addr", "127.0.0.1:0"), Dir: "/", Env: env, Stdout: &said, Stderr: &said}
		command.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		return command, &said
	}
	without, said := run()
	if err := without.Wait(); err == nil || !strings.Contains(said.String(), "API_TOKENS_FILE") {
		t.Errorf("without tokens: %v %s", err, said)
	}
	command, said := run("API_TOKENS_FILE=/tokens")
	defer func() {
		_ = command.Process.Kill()
		_ = command.Wait() // killed
	}()
	address := "http://127.0.0.1" + strings.TrimPrefix(wide[4], "0.0.0.0")
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if status := asked(t, address+"/payments/10000001", "Bearer token"); status == http.StatusOK {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("it does not answer: %s", said)
		}
	}
	if status := asked(t, address+"/payments/10000001", ""); status != http.StatusUnauthorized {
		t.Errorf("without a token: %d", status)
	}
	if _, err := os.Stat(filepath.Join(root, "data", "iade.db")); err != nil {
		t.Error(err)
	}
}

// emptyRoot is what the image holds.
func emptyRoot(t *testing.T, program string) string {
	t.Helper()
	root, err := os.MkdirTemp("", "iade-image-") // t.TempDir is closed to other users
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(root) })
	content, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		os.Chmod(root, 0o755), os.WriteFile(filepath.Join(root, "iade-local"), content, 0o755), os.Mkdir(filepath.Join(root, "data"), 0o700),
		os.Chown(filepath.Join(root, "data"), 65532, 65532),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// asked gives an answer's status, 0 if there is none.
func asked(t *testing.T, url, authorization string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	response, err := (&http.Client{Timeout: 30 * time.Second}).Do(request)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}
