//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"go.etcd.io/bbolt"

	"github.com/iade/iade/internal/clock"
	"github.com/iade/iade/internal/test/need"
)

var (
	soakMinutes = flag.Float64("soak.minutes", 0, "how long the traffic lasts; 0 is a quarter of a minute")
	soakSeed    = flag.Uint64("soak.seed", 1, "seed of who does what")
)

const (
	soakCallers = 6
	// soakSamples is how many samples are taken, whatever the length.
	soakSamples = 30
)

// TestSoak lets everybody use the system at once while iyzico fails in every way, and looks at what it needs as time
// goes by: goroutines, memory, files and store stay flat, nothing stays unknown, and iyzico's book says that exactly what
// was told was moved. make soak MINUTES=10 prints all figures.
func TestSoak(t *testing.T) {
	t.Parallel()
	fakeProgram := binary(t, "fake-iyzico")
	if *soakMinutes == 0 {
		need.Heavy(t)
	}
	fake := startProcess(t, fakeProgram, 1, environment(), "-addr", "127.0.0.1:0")
	s := startSoak(t, fake.url)
	x := newTraffic(s.url, fake.url)
	x.control(t.Context(), http.MethodPut, "/_fake/settings", `{"ratePerMinute":0}`, nil)

	length := time.Duration(*soakMinutes * float64(time.Minute))
	if length == 0 {
		length = 15 * time.Second
	}
	ctx, stop := context.WithTimeout(t.Context(), length)
	defer stop()
	var gate sync.RWMutex
	var playing sync.WaitGroup
	for i := range soakCallers {
		playing.Go(func() { x.play(ctx, rand.New(rand.NewPCG(*soakSeed, uint64(i))), &gate) })
	}
	playing.Go(func() { x.spoil(ctx, rand.New(rand.NewPCG(*soakSeed, soakCallers))) })
	var points []soakPoint
	for clock.Sleep(ctx, length/soakSamples) == nil {
		points = append(points, s.measure(x, &gate))
	}
	playing.Wait()
	x.control(t.Context(), http.MethodDelete, "/_fake/faults", "", nil)
	points = append(points, s.measure(x, &gate))

	r := soakReport{length: length, points: points, traffic: x}
	r.atStop = len(x.unfinished(t.Context()))
	r.left = x.drain(t.Context())
	r.last = s.measure(x, &gate)
	r.judgeMoney(t.Context())
	fmt.Print(r.text())
	for _, complaint := range x.wrong {
		t.Error(complaint)
	}
	for _, v := range r.verdicts() {
		if !v.flat() {
			t.Errorf("%s grows: %s", v.what, v)
		}
	}
	if r.left != 0 || !r.executed.Equal(r.told) || r.twice != 0 || r.last.outbox != 0 {
		t.Errorf("%d unknown at the end; executed %s, told %s; %d attempts executed twice; %d records unpublished", r.left, r.executed, r.told, r.twice, r.last.outbox)
	}
	if len(x.operations) == 0 || len(x.faults) == 0 {
		t.Error("there was no traffic, or nothing went wrong: this shows nothing")
	}
	s.stop(t)
}

// soaked is the system under soak as a process.
type soaked struct {
	t      *testing.T
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Scanner
	folder string
	url    string
	log    *os.File
}

func startSoak(t *testing.T, fake string) *soaked {
	t.Helper()
	s := &soaked{t: t, folder: t.TempDir(), cmd: exec.Command(os.Args[0])}
	s.cmd.Env = environment("IYZICO_BASE_URL="+fake, "IYZICO_API_KEY=sandbox-apiKey", "IYZICO_SECRET_KEY=sandbox-secretKey",
		"SETTLE_WINDOW=4s", "IYZICO_TIMEOUT=2s", "RATE_LIMIT_PER_MINUTE=100000", "LOG_LEVEL=error", soakVariable+"="+s.folder)
	var err error
	if s.log, err = os.Create(filepath.Join(t.TempDir(), "log")); err != nil {
		t.Fatal(err)
	}
	s.cmd.Stderr = s.log
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill() // in case the test ended early
		_ = s.log.Close()
	})
	s.out = bufio.NewScanner(out)
	if !s.out.Scan() {
		said, _ := os.ReadFile(s.log.Name())
		t.Fatalf("the system does not start: %s", said)
	}
	s.url = s.out.Text()
	return s
}

// stop ends it as Ctrl-C would: it must end by itself, without an error.
func (s *soaked) stop(t *testing.T) {
	t.Helper()
	if err := s.in.Close(); err != nil {
		t.Error(err)
	}
	if err := s.cmd.Wait(); err != nil {
		said, _ := os.ReadFile(s.log.Name())
		t.Errorf("the system ended with %v: %.2000s", err, said)
	}
}

// soakPoint is one look at the system, with nobody asking anything at that moment.
type soakPoint struct {
	at         time.Duration
	operations int
	sample
	fileBytes int64 // the store's file
	usedBytes int64 // what of it is in use
	accounts  int
	unknown   int // operations that settle by themselves, or go on when they are asked for again
	waiting   int // operations that wait for a person; in the soak one comes at the end
	due       int // accounts to look at, also those of a definite "no", after an hour and a day
	outbox    int
	quota     int
	events    int64 // bytes
}

// measure stops the callers, samples the process, and lets them go on. The store is looked at in a copy that is made
// while the process is stopped: it is what a crash would leave at that moment.
func (s *soaked) measure(x *traffic, gate *sync.RWMutex) soakPoint {
	gate.Lock()
	defer gate.Unlock()
	unknown, waiting := 0, 0
	for _, status := range x.unfinished(s.t.Context()) {
		if waitsForAPerson(status) {
			waiting++
		} else {
			unknown++
		}
	}
	x.client.CloseIdleConnections()
	_ = clock.Sleep(s.t.Context(), 100*time.Millisecond) // so that the other side sees it
	p := soakPoint{at: time.Since(x.began), unknown: unknown, waiting: waiting}
	x.mu.Lock()
	p.operations = len(x.operations)
	x.mu.Unlock()
	if _, err := io.WriteString(s.in, "sample\n"); err != nil {
		s.t.Fatal(err)
	}
	if !s.out.Scan() {
		said, _ := os.ReadFile(s.log.Name())
		s.t.Fatalf("the system is gone: %.2000s", said)
	}
	if err := json.Unmarshal(s.out.Bytes(), &p.sample); err != nil {
		s.t.Fatal(err)
	}
	if err := s.readStore(&p); err != nil {
		s.t.Fatal(err)
	}
	return p
}

func (s *soaked) readStore(p *soakPoint) error {
	snapshot := filepath.Join(s.t.TempDir(), "snapshot.db")
	if err := s.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	copied := copyFile(filepath.Join(s.folder, "iade.db"), snapshot)
	if err := errors.Join(copied, s.cmd.Process.Signal(syscall.SIGCONT)); err != nil {
		return err
	}
	defer func() { _ = os.Remove(snapshot) }()
	for name, size := range map[string]*int64{snapshot: &p.fileBytes, filepath.Join(s.folder, "events.jsonl"): &p.events} {
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		*size = info.Size()
	}
	db, err := bbolt.Open(snapshot, 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	err = db.View(func(tx *bbolt.Tx) error {
		for name, keys := range map[string]*int{"accounts": &p.accounts, "due": &p.due, "outbox": &p.outbox, "quota": &p.quota} {
			stats := tx.Bucket([]byte(name)).Stats()
			*keys = stats.KeyN
			if name == "accounts" { // an account's operations lie behind it, a zero byte in their keys
				*keys = 0
				if err := tx.Bucket([]byte(name)).ForEach(func(key, _ []byte) error {
					if !bytes.Contains(key, []byte{0}) {
						*keys++
					}
					return nil
				}); err != nil {
					return err
				}
			}
			p.usedBytes += int64(stats.BranchInuse + stats.LeafInuse)
		}
		return nil
	})
	return errors.Join(err, db.Close())
}

func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }()
	target, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Close())
}

// unfinished lists the operations that are not definite, with their status.
func (x *traffic) unfinished(ctx context.Context) map[string]string {
	list := map[string]string{}
	query := ""
	for {
		a := x.ask(ctx, "GET /operations", http.MethodGet, x.api+"/operations"+query, "", "")
		if a.status != http.StatusOK {
			x.complain("list of operations: %d %s", a.status, a.text)
		}
		for _, op := range a.body.Operations {
			list[op.ID] = op.Status
		}
		if a.body.NextCursor == "" {
			return list
		}
		query = "?cursor=" + url.QueryEscape(a.body.NextCursor)
	}
}

// soakDrain bounds how long the unknown may take to settle when nothing fails any more: many settle windows.
const soakDrain = 3 * time.Minute

// drain waits until nothing is unfinished and gives how many are left. Callers ask again where legs are left; what waits
// for a person gets one, who looks into iyzico's panel: here its book.
func (x *traffic) drain(ctx context.Context) int {
	for end := time.Now().Add(soakDrain); ; {
		list := x.unfinished(ctx)
		if len(list) == 0 || time.Now().After(end) || clock.Sleep(ctx, time.Second) != nil {
			return len(list)
		}
		moved := x.moved(ctx)
		for id, status := range list {
			switch {
			case status == "processing":
				op := x.operations[id]
				x.command(ctx, "asking again", op.path, op.key, op.body)
			case waitsForAPerson(status):
				decision := "not_executed"
				if moved[id].IsPositive() {
					decision = "succeeded"
				}
				x.resolve(ctx, id, decision)
			}
		}
	}
}

func waitsForAPerson(status string) bool {
	return status == "needs_review" || status == "awaiting_customer" || status == "awaiting_merchant"
}

func (x *traffic) executions(ctx context.Context) []execution {
	var book struct{ Executions []execution }
	x.control(ctx, http.MethodGet, "/_fake/executions", "", &book)
	return book.Executions
}

// moved is what iyzico's book says of each operation.
func (x *traffic) moved(ctx context.Context) map[string]decimal.Decimal {
	sums := map[string]decimal.Decimal{}
	for _, e := range x.executions(ctx) {
		id := e.ConversationID[:max(0, strings.LastIndexByte(e.ConversationID, '-'))]
		sums[id] = sums[id].Add(amount(e.Price))
	}
	return sums
}

// amount reads an amount that iade or the fake wrote; an empty one is 0.
func amount(text string) decimal.Decimal {
	d, err := decimal.NewFromString(text)
	if err != nil {
		return decimal.Zero
	}
	return d
}

// judgeMoney holds what iade says of every operation against iyzico's book.
func (r *soakReport) judgeMoney(ctx context.Context) {
	x := r.traffic
	attempts := map[string]int{}
	for _, e := range x.executions(ctx) {
		if attempts[e.ConversationID]++; attempts[e.ConversationID] == 2 {
			r.twice++
		}
		r.executed = r.executed.Add(amount(e.Price))
		r.movements++
	}
	moved := x.moved(ctx)
	r.statuses = map[string]int{}
	for id, op := range x.operations {
		a := x.ask(ctx, "GET at the end", http.MethodGet, x.api+op.path+"/"+id, "", "")
		told := amount(a.body.Refunded)
		if a.body.Kind == "fund_payment" && a.is("succeeded") {
			told = amount(a.body.PaidPrice)
		}
		if a.body.Kind == "cancel" && a.is("succeeded") {
			told = amount(a.body.Amount)
		}
		r.statuses[a.body.Kind+" "+strings.Trim(string(a.body.Status), `"`)]++
		r.told = r.told.Add(told)
		if !told.Equal(moved[id]) {
			x.complain("%s: told %s, iyzico moved %s: %s", id, told, moved[id], a.text)
		}
	}
}
