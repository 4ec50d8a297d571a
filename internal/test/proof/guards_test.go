package proof_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/iade/iade/internal/test/need"
)

// needHeavy ends a test that compiles packages by the dozen, unless the heavy ones were asked for.
func needHeavy(t *testing.T) {
	t.Helper()
	need.Heavy(t)
}

// atOnce is how many `go test` run side by side.
const atOnce = 2

// TestNoGuardMayBeRemoved takes every guard of the table away, one at a time, and demands that its test fails. With all of them the
// test must pass: one that always fails shows nothing.
func TestNoGuardMayBeRemoved(t *testing.T) {
	needHeavy(t)
	slots := make(chan struct{}, atOnce)
	parallel := func(t *testing.T, name string, do func(t *testing.T)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			slots <- struct{}{}
			defer func() { <-slots }()
			do(t)
		})
	}
	together, alone := programs(t)
	folder := t.TempDir()
	t.Run("programs", func(t *testing.T) {
		for i, p := range together {
			parallel(t, p.folder, func(t *testing.T) { p.build(t, filepath.Join(folder, strconv.Itoa(i))) })
		}
	})
	show := func(t *testing.T, g guard, r run) {
		said, err := r.proof(g)
		if err != nil {
			t.Fatalf("%s: %v", g.file, err)
		}
		t.Logf("%s: %s", g.test, said)
	}
	for _, p := range together {
		if p.trouble != nil {
			t.Logf("%s: its guards are taken away one at a time, for together they do not compile: %v", p.folder, p.trouble)
		}
		for number, g := range p.guards {
			parallel(t, g.name, func(t *testing.T) {
				if p.file == "" { // it does not compile, or this guard alone was asked for, by its name
					show(t, g, g.alone(t))
					return
				}
				show(t, g, p.without(t, number, g.test))
			})
		}
	}
	for _, g := range alone {
		parallel(t, g.name, func(t *testing.T) { show(t, g, g.alone(t)) })
	}
	named := map[string][]string{}
	for _, g := range guards() {
		if !slices.Contains(named[g.folder()], g.test) {
			named[g.folder()] = append(named[g.folder()], g.test)
		}
	}
	for folder, names := range named {
		parallel(t, "with its guards "+folder, func(t *testing.T) {
			var r run
			if i := slices.IndexFunc(together, func(p *program) bool { return p.folder == folder && p.file != "" }); i >= 0 {
				r = together[i].without(t, -1, names...)
			} else {
				r = goTest(t, folder, names)
			}
			for _, name := range names {
				if !r.passed[name] {
					t.Errorf("%s does not pass\n%s", name, r.printed)
				}
			}
		})
	}
}

// TestEveryGuardStandsOnceInItsFile looks at the whole table without compiling anything.
func TestEveryGuardStandsOnceInItsFile(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, g := range guards() {
		if g.name == "" || g.test == "" || names[g.name] || strings.HasSuffix(g.file, "_test.go") {
			t.Errorf("%q, %s in %s: a guard has a name of its own, a test, and a file of the product", g.name, g.test, g.file)
		}
		names[g.name] = true
		source, err := os.ReadFile(root + "/" + g.file)
		if err != nil {
			t.Error(err)
			continue
		}
		if _, err := g.removed(string(source)); err != nil {
			t.Errorf("%s: %v", g.name, err)
		}
		if !g.testExists(t) {
			t.Errorf("%s: %s has no %s", g.name, g.folder(), g.test)
		}
	}
}

// testExists tells whether the guard's test is in its folder.
func (g guard) testExists(t *testing.T) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(g.folder()), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(files, func(file string) bool {
		text, err := os.ReadFile(file)
		return err == nil && strings.Contains(string(text), "\nfunc "+g.test+"(t *testing.T) {")
	})
}
