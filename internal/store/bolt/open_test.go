package bolt_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/store/bolt"
)

// filled gives the path and the bytes of a store with some accounts in it.
func filled(t *testing.T, accounts int) (string, []byte) {
	t.Helper()
	path := newPath(t)
	s, err := bolt.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range accounts {
		save(t, s, payment.Account{ID: payment.AccountID(fmt.Sprint("PAYMENT#", i)), Version: 1})
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, content
}

// TestAStoreCutShortIsOneLineAndNoPanic: bbolt maps the file, and would end the process over a page that is not there.
func TestAStoreCutShortIsOneLineAndNoPanic(t *testing.T) {
	t.Parallel()
	path, content := filled(t, 200)
	for _, size := range []int{0, 1, 100, 4095, 4096, 5000, 8192, 12288, 16384, 20000, len(content) / 2, len(content) * 3 / 4} {
		if err := os.WriteFile(path, content[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := bolt.Open(path)
		if !errors.Is(err, bolt.ErrDamaged) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%d of %d bytes: %v", size, len(content), err)
		}
		if err == nil {
			_ = s.Close()
		}
		if left, err := os.ReadFile(path); err != nil || len(left) != size {
			t.Errorf("%d of %d bytes: %d are left: %v", size, len(content), len(left), err)
		}
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if a, err := open(t, path).Load(t.Context(), "PAYMENT#7"); err != nil || a.Version != 1 {
		t.Errorf("whole again: %+v, %v", a, err)
	}
}

func TestWhatIsNoStoreIsOneLine(t *testing.T) {
	t.Parallel()
	path, content := filled(t, 50)
	text := strings.Repeat("this is no store\n", 4000)
	noMeta := append([]byte(strings.Repeat("x", 8192)), content[8192:]...)
	noFreelist := append(append([]byte{}, content[:8192]...), []byte(strings.Repeat("\xff", len(content)-8192))...)
	for name, damaged := range map[string][]byte{"text": []byte(text), "no first pages": noMeta, "nonsense after the first pages": noFreelist} {
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := bolt.Open(path); !errors.Is(err, bolt.ErrDamaged) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
		if err := os.Remove(path); err != nil { // the next one is another file: a panic leaves this one's lock behind
			t.Fatal(err)
		}
	}
}

// TestAHalfMadeStoreIsMadeAgain: a process killed while it made the store leaves a draft, not an empty store.
func TestAHalfMadeStoreIsMadeAgain(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	if err := os.WriteFile(path+".new", []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	save(t, open(t, path), payment.Account{ID: "PAYMENT#1", Version: 1})
	if left, err := filepath.Glob(path + ".*"); err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
}

// TestNothingIsSavedIntoAStoreThatIsGone: on Linux a deleted file can be written to, and forgets everything.
func TestNothingIsSavedIntoAStoreThatIsGone(t *testing.T) {
	t.Parallel()
	for name, take := range map[string]func(path string) error{
		"deleted": os.Remove,
		"moved":   func(path string) error { return os.Rename(path, path+".old") },
		"replaced": func(path string) error {
			return errors.Join(os.Rename(path, path+".old"), os.WriteFile(path, make([]byte, 1<<20), 0o600))
		},
		"the folder is deleted": func(path string) error { return os.RemoveAll(filepath.Dir(path)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := newPath(t)
			s := open(t, path)
			save(t, s, payment.Account{ID: "PAYMENT#1", Version: 1})
			if err := s.Present(); err != nil {
				t.Fatal(err)
			}
			if err := take(path); err != nil {
				t.Skip("open files stay here: ", err)
			}
			if err := s.Save(t.Context(), payment.Account{ID: "PAYMENT#2", Version: 1}); !errors.Is(err, bolt.ErrGone) {
				t.Errorf("saved: %v", err)
			}
			if _, err := s.Load(t.Context(), "PAYMENT#1"); !errors.Is(err, bolt.ErrGone) {
				t.Errorf("loaded: %v", err)
			}
			if err := s.Present(); !errors.Is(err, bolt.ErrGone) || !strings.Contains(err.Error(), path) {
				t.Errorf("present: %v", err)
			}
		})
	}
}

// TestABackupIsTheStoreAtOneMoment while saving goes on.
func TestABackupIsTheStoreAtOneMoment(t *testing.T) {
	t.Parallel()
	s := open(t, newPath(t))
	save(t, s, payment.Account{ID: "PAYMENT#1", Version: 1})
	copied := newPath(t)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				if err := s.Save(t.Context(), payment.Account{ID: payment.AccountID(fmt.Sprint("OTHER#", i)), Version: 1}); err != nil {
					t.Error(err)
					return
				}
			}
		}
	}()
	err := s.Backup(copied)
	close(stop)
	<-stopped
	if err != nil {
		t.Fatal(err)
	}
	save(t, s, payment.Account{ID: "PAYMENT#2", Version: 1})
	restored := open(t, copied)
	for id, version := range map[payment.AccountID]int64{"PAYMENT#1": 1, "PAYMENT#2": 0} {
		if a, err := restored.Load(t.Context(), id); err != nil || a.Version != version {
			t.Errorf("%s: version %d, %v", id, a.Version, err)
		}
	}
	if err := s.Backup(filepath.Join(t.TempDir(), "no", "folder")); err == nil {
		t.Error("a backup into a folder that is not there")
	}
}
