// Package coverage reports how much of the domain and of the client the tests run, and demands that every line that decides
// is run or explained.
package proof_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// counted are the packages whose lines are counted, and tested those whose tests count: their own and the next ones around
// them, the simulation included.
var (
	counted = []string{"internal/payment", "pkg/iyzico"}
	tested  = []string{
		"internal/payment", "internal/psp", "pkg/iyzico", "pkg/iyzico/iyzicotest", "internal/test/sim", "internal/test/failures", "internal/test/proof/reports",
	}
)

// block is a run of statements that are executed together, as `go test -cover` counts them.
type block struct {
	file                             string // import path and name
	fromLine, fromCol, toLine, toCol int
}

// profile is how many statements each block has, and whether a test ran it.
type profile struct {
	statements map[block]int
	ran        map[block]bool
}

// measure runs the tests and reads their profile.
func measure(t *testing.T) profile {
	t.Helper()
	file := filepath.Join(t.TempDir(), "profile")
	args := []string{"test", "-short", "-vet=off", "-coverprofile=" + file, "-coverpkg=./" + strings.Join(counted, ",./")}
	for _, folder := range tested {
		args = append(args, "./"+folder)
	}
	command := exec.CommandContext(t.Context(), "go", args...)
	command.Dir = root
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("go test: %v\n%s", err, out)
	}
	data, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	p := profile{map[block]int{}, map[block]bool{}}
	for lines := bufio.NewScanner(data); lines.Scan(); {
		line := lines.Text()
		if strings.HasPrefix(line, "mode:") {
			continue
		}
		var b block
		var statements, times int
		name, place, _ := strings.Cut(line, ":")
		if _, err := fmt.Sscanf(place, "%d.%d,%d.%d %d %d", &b.fromLine, &b.fromCol, &b.toLine, &b.toCol, &statements, &times); err != nil {
			t.Fatalf("read the profile: %q: %v", line, err)
		}
		b.file = name
		p.statements[b] = statements
		p.ran[b] = p.ran[b] || times > 0
	}
	return p
}

// percent is the share of a folder's statements that tests ran.
func (p profile) percent(folder string) float64 {
	all, ran := 0, 0
	for b, n := range p.statements {
		if path.Dir(b.file) == module+folder {
			all += n
			if p.ran[b] {
				ran += n
			}
		}
	}
	return 100 * float64(ran) / float64(max(all, 1))
}

// missed are the blocks that no test ran, in the order of the source.
func (p profile) missed() []block {
	var all []block
	for b := range p.statements {
		if !p.ran[b] {
			all = append(all, b)
		}
	}
	slices.SortFunc(all, func(a, b block) int {
		if a.file != b.file {
			return strings.Compare(a.file, b.file)
		}
		return (a.fromLine-b.fromLine)*1000 + a.fromCol - b.fromCol
	})
	return all
}
