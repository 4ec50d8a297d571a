package runtimeapi

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	"github.com/iade/iade/internal/test/repo"
)

// BuildFlags are the flags of every bootstrap, the same as in the deployed ones.
var BuildFlags = []string{"-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w"}

// Builds are the bootstraps of one test run, each built when it is first asked for. The zero value is ready. It is safe
// for concurrent use.
type Builds struct {
	mu   sync.Mutex
	dir  string
	once map[string]func() (string, error)
}

// Bootstrap builds the command in a folder, given from the module's root as in "functions/refund", and returns the
// executable's path. The same folder is built once. The error holds what the compiler said.
func (b *Builds) Bootstrap(folder string) (string, error) {
	b.mu.Lock()
	if b.once == nil {
		b.once = map[string]func() (string, error){}
	}
	build, ok := b.once[folder]
	if !ok {
		build = sync.OnceValues(func() (string, error) { return b.build(folder) })
		b.once[folder] = build
	}
	b.mu.Unlock()
	return build()
}

func (b *Builds) build(folder string) (string, error) {
	root, err := repo.Root()
	if err != nil {
		return "", err
	}
	dir, err := b.folder()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, filepath.FromSlash(folder), "bootstrap")
	args := append([]string{"build", "-o", path}, BuildFlags...)
	cmd := exec.CommandContext(context.Background(), "go", append(args, "./"+folder)...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", folder, err, out)
	}
	return path, nil
}

func (b *Builds) folder() (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dir == "" {
		dir, err := os.MkdirTemp("", "iade-bootstraps-")
		if err != nil {
			return "", fmt.Errorf("make a folder for bootstraps: %w", err)
		}
		b.dir = dir
	}
	return b.dir, nil
}

// Remove deletes everything that was built. It is for the end of TestMain.
func (b *Builds) Remove() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dir == "" {
		return nil
	}
	return os.RemoveAll(b.dir)
}
