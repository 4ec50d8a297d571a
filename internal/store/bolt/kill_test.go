package bolt_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/store/bolt"
	"github.com/iade/iade/internal/test/need"
)

// childFile names the file that a re-executed test binary writes to until it is killed.
const childFile = "BOLTSTORE_TEST_CHILD_FILE"

const childWriters = 4

func TestMain(m *testing.M) {
	if path := os.Getenv(childFile); path != "" {
		if err := writeForever(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// writeForever saves version after version of a few accounts, and prints "<account> <version>" once a save is
// acknowledged. It returns on an error only.
func writeForever(path string) error {
	s, err := bolt.Open(path)
	if err != nil {
		return err
	}
	failed := make(chan error)
	var mu sync.Mutex
	for i := range childWriters {
		go func() {
			id := payment.PaymentAccount(fmt.Sprint(i))
			for {
				a, err := s.Load(context.Background(), id)
				if err != nil {
					failed <- err
					return
				}
				next := image(id, a.Version+1)
				if err := s.Save(context.Background(), next); err != nil {
					failed <- err
					return
				}
				mu.Lock()
				_, err = fmt.Println(id, next.Version)
				mu.Unlock()
				if err != nil {
					failed <- err
					return
				}
			}
		}()
	}
	return <-failed
}

// TestKillLosesNoAcknowledgedSave kills a writing process with SIGKILL several times on one file. Whatever it had
// acknowledged is there, account, due index and outbox agree, and nothing else is there but at most one save per writer
// whose acknowledgement did not get out.
func TestKillLosesNoAcknowledgedSave(t *testing.T) {
	need.Programs(t)
	t.Parallel()
	path := newPath(t)
	published := map[payment.AccountID]int64{}
	for round, lines := range []int{1, 17, 60, 101} {
		acknowledged := killedAfter(t, path, lines)
		s, err := bolt.Open(path)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		for i := range childWriters {
			id := payment.PaymentAccount(fmt.Sprint(i))
			a, err := s.Load(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if acked := max(acknowledged[id], published[id]); a.Version < acked || a.Version > acked+1 {
				t.Errorf("round %d: %s has version %d, acknowledged was %d", round, id, a.Version, acked)
			}
		}
		publishAll(t, s, published)
		checkAgreement(t, s, published)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// killedAfter runs the child on the file, kills it once it has printed that many lines, and returns the last version
// that it acknowledged for each account.
func killedAfter(t *testing.T, path string, lines int) map[payment.AccountID]int64 {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childFile+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	acknowledged := map[payment.AccountID]int64{}
	scanner := bufio.NewScanner(out)
	for n := 0; scanner.Scan(); {
		var id payment.AccountID
		var version int64
		if _, err := fmt.Sscan(scanner.Text(), &id, &version); err != nil {
			t.Errorf("child printed %q", scanner.Text())
			break
		}
		acknowledged[id] = version
		if n++; n == lines {
			if err := child.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	if err := child.Wait(); err == nil {
		t.Error("the child ended by itself")
	}
	if len(acknowledged) == 0 {
		t.Fatal("the child acknowledged nothing")
	}
	return acknowledged
}

// publishAll reads the outbox to its end. Every version publishes here, so a missing or repeated one shows.
func publishAll(t *testing.T, s *bolt.Store, published map[payment.AccountID]int64) {
	t.Helper()
	for {
		records := outbox(t, s, 10)
		if len(records) == 0 {
			return
		}
		for _, r := range records {
			id, version := saved(r)
			if version != published[id]+1 {
				t.Errorf("%s: record of version %d, the last was %d", id, version, published[id])
			}
			published[id] = version
		}
		if err := s.Published(t.Context(), records[len(records)-1].Seq); err != nil {
			t.Fatal(err)
		}
	}
}

// checkAgreement: the account's version is the last that was in the outbox, and it is listed exactly if it is due.
func checkAgreement(t *testing.T, s *bolt.Store, published map[payment.AccountID]int64) {
	t.Helper()
	ids, _, err := s.Open(t.Context(), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), "", 100)
	if err != nil {
		t.Fatal(err)
	}
	listed := map[payment.AccountID]int{}
	for _, id := range ids {
		listed[id]++
	}
	for i := range childWriters {
		id := payment.PaymentAccount(fmt.Sprint(i))
		a, err := s.Load(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if a.Version != published[id] {
			t.Errorf("%s: version %d is stored, %d was the last in the outbox", id, a.Version, published[id])
		}
		want := 0
		if due := a.DueAt(); !due.IsZero() {
			want = 1
		}
		if listed[id] != want {
			t.Errorf("%s, due %s, is listed %d times", id, a.DueAt(), listed[id])
		}
	}
}
