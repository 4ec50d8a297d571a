package main

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func files(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(dir, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names
}

func write(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestTheFakesFilesLieApart: a test takes the fake's folder away to see what we know without it.
func TestTheFakesFilesLieApart(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	y, stop := startSystem(t, data, none)
	mustCall(t, http.MethodPost, y.URL+"/refunds", "k-1", refundBody)
	stop()
	want := []string{"callback.key", "events.jsonl", "fake-iyzico/journal.jsonl", "fake-iyzico/lock", "iade.db", "iade.lock", "metrics.jsonl"}
	if got := files(t, data); !slices.Equal(got, want) {
		t.Errorf("files: %v", got)
	}
}

func TestResetForgetsEverythingAndTouchesNothingElse(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	y, stop := startSystem(t, data, none)
	mustCall(t, http.MethodPost, y.URL+"/refunds", "k-1", refundBody)
	stop()
	write(t, filepath.Join(data, "notes.txt"))
	write(t, filepath.Join(data, "fake-iyzico", "notes.txt"))
	write(t, filepath.Join(data, "more", "events.jsonl"))
	write(t, filepath.Join(data, "orders", "notes.txt"))
	for _, name := range []string{"waiting.json", ".half.json", "done/a.json", "done/a.json.2", "failed/b.json", "failed/b.json.reason.txt"} {
		write(t, filepath.Join(data, "orders", filepath.FromSlash(name)))
	}

	s, err := loadSettings(none)
	if err != nil {
		t.Fatal(err)
	}
	o := onPort0(data)
	o.reset = true
	y, err = start(t.Context(), o, s, quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer y.Close()
	if got := eventsAfter(t, y.URL, 0); len(got) != 0 {
		t.Errorf("events: %+v", got)
	}
	if got := executions(t, y.IyzicoURL, ""); len(got) != 0 {
		t.Errorf("executions: %+v", got)
	}
	if a := mustCall(t, http.MethodPost, y.URL+"/refunds", "k-1", refundBody); a.status != http.StatusCreated {
		t.Errorf("the key is remembered: %d %s", a.status, a.body)
	}
	if left := files(t, filepath.Join(data, "orders")); !slices.Equal(left, []string{"notes.txt"}) {
		t.Errorf("orders: %v", left)
	}
	for _, mine := range []string{"notes.txt", "fake-iyzico/notes.txt", "more/events.jsonl", "orders/notes.txt"} {
		if !slices.Contains(files(t, data), mine) {
			t.Errorf("%s is gone", mine)
		}
	}
}

func TestResetIsTheWayOutOfADamagedFake(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	_, stop := startSystem(t, data, none)
	stop()
	journal := filepath.Join(data, "fake-iyzico", "journal.jsonl")
	content, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(journal, append([]byte("damaged\n"), content...), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := loadSettings(none)
	if err != nil {
		t.Fatal(err)
	}
	o := onPort0(data)
	if y, err := start(t.Context(), o, s, quiet); err == nil {
		t.Errorf("it started on a damaged journal: %v", y.Close())
	}
	o.reset = true
	y, err := start(t.Context(), o, s, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if err := y.Close(); err != nil {
		t.Error(err)
	}
}

func TestResetRefusesAFolderThatIsNotOurs(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"a stranger's": "notes.txt", "one with a file named like ours": "events.jsonl", "the fake's": "fake-iyzico/journal.jsonl",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := t.TempDir()
			write(t, filepath.Join(data, filepath.FromSlash(file)))
			s, err := loadSettings(none)
			if err != nil {
				t.Fatal(err)
			}
			o := onPort0(data)
			o.reset = true
			if y, err := start(t.Context(), o, s, quiet); err == nil || !strings.Contains(err.Error(), "-data") {
				t.Errorf("%v, %v", y, err)
			}
			if got := files(t, data); !slices.Equal(got, []string{file}) {
				t.Errorf("files: %v", got)
			}
		})
	}
}

func TestResetOfNothingIsAStart(t *testing.T) {
	t.Parallel()
	s, err := loadSettings(none)
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range []string{t.TempDir(), filepath.Join(t.TempDir(), "new", "folder")} {
		o := onPort0(data)
		o.reset = true
		y, err := start(t.Context(), o, s, quiet)
		if err != nil {
			t.Fatal(err)
		}
		if err := y.Close(); err != nil {
			t.Error(err)
		}
	}
}
