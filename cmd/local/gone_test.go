package main

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestTheProgramStopsWhenItsStoreIsGone: a deleted file takes what is written into it and forgets it. The real program must
// end with one line and an exit code, and answer no refund with success meanwhile.
func TestTheProgramStopsWhenItsStoreIsGone(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("open files cannot be deleted there")
	}
	for name, take := range map[string]func(data string) error{
		"the folder is deleted":  os.RemoveAll,
		"the folder is replaced": func(data string) error { return errors.Join(os.Rename(data, data+".old"), os.Mkdir(data, 0o700)) },
		"the store is deleted":   func(data string) error { return os.Remove(filepath.Join(data, "iade.db")) },
		"the store is replaced": func(data string) error {
			store := filepath.Join(data, "iade.db")
			content, err := os.ReadFile(store)
			return errors.Join(err, os.WriteFile(store+".copy", content, 0o600), os.Rename(store+".copy", store))
		},
		"the store is emptied": func(data string) error { return os.Truncate(filepath.Join(data, "iade.db"), 0) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := filepath.Join(t.TempDir(), "data")
			p := startProcess(t, binary(t, "local"), 2, environment(), "-addr", "127.0.0.1:0", "-iyzico-addr", "127.0.0.1:0", "-data", data)
			if a := mustCall(t, http.MethodPost, p.url+"/refunds", "k-1", refundBody); a.status != http.StatusCreated {
				t.Fatalf("%d %s", a.status, a.body)
			}
			if err := take(data); err != nil {
				t.Fatal(err)
			}
			if a, err := call(t.Context(), http.MethodPost, p.url+"/refunds", "k-2", lostBody); err == nil && a.status != http.StatusServiceUnavailable {
				t.Errorf("%d %s", a.status, a.body)
			}
			select {
			case <-p.ended:
			case <-time.After(patience):
				t.Fatal("it goes on")
			}
			var lines []string
			for line := range strings.Lines(p.stderr.String()) {
				if strings.HasPrefix(line, "iade: ") {
					lines = append(lines, line)
				}
			}
			if p.cmd.ProcessState.ExitCode() != 1 || len(lines) != 1 || !strings.Contains(lines[0], "gone") || strings.Contains(p.stderr.String(), "goroutine") {
				t.Errorf("exit code %d: %s", p.cmd.ProcessState.ExitCode(), p.stderr)
			}
		})
	}
}

// TestADamagedStoreIsOneLineWithTheWayOut of the real program.
func TestADamagedStoreIsOneLineWithTheWayOut(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	y, stop := startSystem(t, data, none)
	mustCall(t, http.MethodPost, y.URL+"/refunds", "k-1", refundBody)
	stop()
	free := []string{"-data", data, "-addr", "127.0.0.1:0", "-iyzico-addr", "127.0.0.1:0"}
	store := filepath.Join(data, "iade.db")
	content, err := os.ReadFile(store)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 4096, 8192, 12288} {
		if err := os.WriteFile(store, content[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		refused(t, environment(), free, store, "damaged", "backup", "-data")
	}
	if err := os.WriteFile(store, content, 0o600); err != nil {
		t.Fatal(err)
	}
	journal := filepath.Join(data, "fake-iyzico", "journal.jsonl")
	if err := os.WriteFile(journal, []byte("{\"kind\":\n{}\n{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, environment(), free, "fake-iyzico", "-reset", "-data")
}

// TestABackupThatIsRestoredRefundsNothingTwice: what was refunded after the backup is found in iyzico's report.
func TestABackupThatIsRestoredRefundsNothingTwice(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	y, stop := startSystem(t, data, none)
	mustCall(t, http.MethodPost, y.URL+"/refunds", "k-1", refundBody)
	backup := mustCall(t, http.MethodGet, y.URL+backupPath, "", "")
	if backup.status != http.StatusOK || backup.header.Get("Content-Type") != "application/octet-stream" {
		t.Fatalf("%d %s", backup.status, backup.body)
	}
	mustCall(t, http.MethodPost, y.URL+"/refunds", "k-2", lostBody)
	stop()
	if left := files(t, data); strings.Contains(strings.Join(left, " "), "backup") {
		t.Errorf("files: %v", left)
	}
	if err := os.WriteFile(filepath.Join(data, "iade.db"), backup.body, 0o600); err != nil {
		t.Fatal(err)
	}
	y, _ = startSystem(t, data, env(map[string]string{"TABLE_RESTORED_AT": time.Now().UTC().Format(time.RFC3339)}))
	for key, body := range map[string]string{"k-1": refundBody, "k-2": lostBody} {
		a := mustCall(t, http.MethodPost, y.URL+"/refunds", key, body)
		payment := read[resource](t, a.body).PaymentID
		if got := executions(t, y.IyzicoURL, payment); len(got) != 1 || a.status >= 300 {
			t.Errorf("%s: %d %s, executions %+v", key, a.status, a.body, got)
		}
	}
}
