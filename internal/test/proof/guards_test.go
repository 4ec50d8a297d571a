package proof_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
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

// TestNoGuardMayBeRemoved takes every guard of the table away, one at a time, and demands that its test fails.
func TestNoGuardMayBeRemoved(t *testing.T) {
	needHeavy(t)
	slots := make(chan struct{}, atOnce)
	for _, g := range guards() {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			slots <- struct{}{}
			defer func() { <-slots }()
			said, err := goTest(t, g.folder(), []string{g.test}, "-gcflags=-N -l", "-overlay="+g.overlay(t)).proof(g)
			if err != nil {
				t.Fatalf("%s: %v", g.file, err)
			}
			t.Logf("%s: %s", g.test, said)
		})
	}
}

// TestWithTheirGuardsTheTestsPass runs the tests of the table on the product as it is: a test that always fails shows nothing.
func TestWithTheirGuardsTheTestsPass(t *testing.T) {
	needHeavy(t)
	named := map[string][]string{}
	for _, g := range guards() {
		if !slices.Contains(named[g.folder()], g.test) {
			named[g.folder()] = append(named[g.folder()], g.test)
		}
	}
	for _, folder := range slices.Sorted(maps.Keys(named)) {
		t.Run(folder, func(t *testing.T) {
			r := goTest(t, folder, named[folder])
			for _, name := range named[folder] {
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
