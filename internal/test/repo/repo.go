// Package repo is the repository as its tests see it: the folder that holds it, and the tables and generated parts of its
// documents. Only tests import it.
package repo

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Root is the nearest folder at or above the working one that has a go.mod.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the module's root: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("find the module's root: no go.mod above the working folder")
		}
		dir = parent
	}
}

// Main runs a package's tests from the repository's root, so that they name files as a reader does, and ends the process
// with their exit code. Each after runs when the tests have ended; an error of one fails the run.
func Main(m *testing.M, after ...func() error) {
	root, err := Root()
	if err == nil {
		err = os.Chdir(root)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	for _, end := range after {
		if err := end(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// Table gives the rows of a document's table that stands between <!-- name:begin --> and <!-- name:end -->, cell by cell,
// without its head.
func Table(t testing.TB, document, name string) [][]string {
	t.Helper()
	_, text, _ := cut(t, document, name)
	var rows [][]string
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if i < 2 {
			continue
		}
		cells := strings.Split(strings.Trim(line, "| "), "|")
		for j := range cells {
			cells[j] = strings.TrimSpace(cells[j])
		}
		rows = append(rows, cells)
	}
	return rows
}

// Generated compares what stands between a document's markers <!-- name:begin --> and <!-- name:end --> with what the code
// says, and writes it there if update is set.
func Generated(t testing.TB, document, name, want string, update bool) {
	t.Helper()
	before, have, after := cut(t, document, name)
	if have == want {
		return
	}
	if !update {
		t.Fatalf("%s: the part %q is not what the code says: run make docs", document, name)
	}
	if err := os.WriteFile(document, []byte(before+want+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// cut splits a document at a pair of markers, which stay with what is before and after.
func cut(t testing.TB, document, name string) (before, between, after string) {
	t.Helper()
	data, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- "+name+":begin -->\n", "<!-- "+name+":end -->"
	before, rest, begins := strings.Cut(string(data), begin)
	between, after, ends := strings.Cut(rest, end)
	if !begins || !ends {
		t.Fatalf("%s lacks the markers of %s", document, name)
	}
	return before + begin, between, end + after
}
