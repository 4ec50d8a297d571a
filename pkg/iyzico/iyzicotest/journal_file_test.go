package iyzicotest

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func start(t *testing.T, dir string) *Server {
	t.Helper()
	s, err := New(Config{Dir: dir, Seed: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func stop(t *testing.T, s *Server) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestEverythingSurvivesARestart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "folder")
	s := start(t, dir)
	l := s.Ledger()
	_, err := l.Refund(refundOf("20000001", "10.5"))
	wantCode(t, err, "")
	_, err = l.Cancel(CancelRequest{PaymentID: "10000003", ConversationID: "c"})
	wantCode(t, err, "")
	// Eight decimals, split over lines; a whole refund carried out as a cancel, in either list.
	_, err = l.RefundV2(RefundV2Request{PaymentID: "10000005", ConversationID: "split", Price: dec("50.55555555")})
	wantCode(t, err, "")
	for i, list := range []string{ListCancels, ListRefunds} {
		l.SetSameDayRefundIn(list)
		p := addPayment(t, l, "0.30599401", "9.90400599")
		result, err := l.RefundV2(RefundV2Request{PaymentID: p.ID, ConversationID: "whole", Price: dec("10.21")})
		if wantCode(t, err, ""); result.Type != TransactionCancel {
			t.Errorf("whole refund %d: %+v", i, result)
		}
	}
	token, err := l.InitBalanceRefund("10000009", "i", "https://shop.example/")
	wantCode(t, err, "")
	wantCode(t, l.ConfirmBalanceRefund(token), "")
	r := openSession(t, l, SessionSpec{Balance: dec("5")})
	_, err = l.FundPay(r)
	wantCode(t, err, "")
	if err := s.SetSettings(Settings{FailureHTTPStatus: 400, CallbackMethod: "GET"}); err != nil {
		t.Fatal(err)
	}
	if err := s.AddFault(Fault{Path: "*", Mode: FaultSlow}); err != nil {
		t.Fatal(err)
	}
	want := state(l)
	stop(t, s)

	s = start(t, dir)
	defer stop(t, s)
	l = s.Ledger()
	if got := state(l); got != want {
		t.Errorf("after the restart:\n%s\nwant:\n%s", got, want)
	}
	if s.Settings() != defaultSettings() || len(s.Faults()) != 0 {
		t.Error("settings or faults survived")
	}
	wantCode(t, l.ApproveBalanceRefund(token), "")
	r.PaidPrice = dec("3")
	_, err = l.FundPay(r)
	wantCode(t, err, "")
}

func TestATornLastLineIsCutOff(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := start(t, dir)
	want := state(s.Ledger())
	_, err := s.Ledger().Refund(refundOf("20000001", "1"))
	wantCode(t, err, "")
	after := state(s.Ledger())
	stop(t, s)
	name := filepath.Join(dir, journalName)
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	last := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1
	for _, cut := range []int{last, last + 1, (last + len(whole)) / 2, len(whole) - 1, len(whole)} {
		if err := os.WriteFile(name, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		s := start(t, dir)
		expected := want
		if cut == len(whole) {
			expected = after
		}
		if got := state(s.Ledger()); got != expected {
			t.Errorf("cut at %d of %d: got\n%s\nwant\n%s", cut, len(whole), got, expected)
		}
		// What is written next must be readable.
		_, err := s.Ledger().Refund(refundOf("20000002", "1"))
		wantCode(t, err, "")
		next := state(s.Ledger())
		stop(t, s)
		s = start(t, dir)
		if got := state(s.Ledger()); got != next {
			t.Errorf("cut at %d: next entry lost", cut)
		}
		stop(t, s)
	}
	garbage := append(bytes.Clone(whole[:last]), "\x00\x00\x00\n"...)
	if err := os.WriteFile(name, garbage, 0o600); err != nil {
		t.Fatal(err)
	}
	s = start(t, dir)
	if got := state(s.Ledger()); got != want {
		t.Errorf("garbage in the last line: got\n%s\nwant\n%s", got, want)
	}
	stop(t, s)
}

func TestDamageInTheMiddleStopsTheStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := start(t, dir)
	stop(t, s)
	name := filepath.Join(dir, journalName)
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(whole), "\n")
	lines[2] = "{\n"
	if err := os.WriteFile(name, []byte(strings.Join(lines, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Config{Dir: dir}); err == nil || !strings.Contains(err.Error(), "line 3") {
		t.Errorf("got %v, want an error that names line 3", err)
	}
	// The folder is free again.
	if err := os.WriteFile(name, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	stop(t, start(t, dir))
	// Entries that can be read and do not fit are damage too.
	lines[2] = `{"kind":"refund","paymentId":"1"}` + "\n"
	if err := os.WriteFile(name, []byte(strings.Join(lines, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Config{Dir: dir}); err == nil {
		t.Error("started on an entry that does not fit")
	}
}

func TestTwoServersCantShareAFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := start(t, dir)
	if _, err := New(Config{Dir: dir}); !errors.Is(err, ErrInUse) {
		t.Errorf("got %v, want ErrInUse", err)
	}
	stop(t, s)
	stop(t, start(t, dir))
}

func TestJournalKeepsNoPersonalData(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, Config{Dir: dir})
	s.post(PathAuth, `{"conversationId":"o","price":"1","paidPrice":"1","paymentCard":{"cardNumber":"5528790000000008","cardHolderName":"Jane Doe"},
		"buyer":{"email":"jane@example.com"},"basketItems":[{"id":"a","price":"1"}]}`)
	content, err := os.ReadFile(filepath.Join(dir, journalName))
	if err != nil {
		t.Fatal(err)
	}
	if len(content) == 0 {
		t.Fatal("nothing journaled")
	}
	for _, secret := range []string{"5528790000000008", "Jane", "jane@"} {
		if bytes.Contains(content, []byte(secret)) {
			t.Errorf("journal holds %q", secret)
		}
	}
}
