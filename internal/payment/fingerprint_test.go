package payment_test

import (
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

// TestKeysAreTakenByMeaning: on a payment with one line and on one with several, what says the same is the same request, and
// what differs in what it moves is another.
func TestKeysAreTakenByMeaning(t *testing.T) {
	t.Parallel()
	one, two := []string{"100"}, []string{"100", "100"}
	for name, tc := range map[string]struct {
		lines         []string
		first, second payment.Command
		same          bool
	}{
		"the only line named":              {one, refund("k", "1.5"), onLine(refund("k", "1.50"), "1"), true},
		"the only line not named any more": {one, onLine(refund("k", "1.5"), "1"), refund("k", "1.5"), true},
		"the currency named":               {one, refund("k", "1.5"), inCurrency(refund("k", "1.5"), money.TRY), true},
		"another currency named":           {one, refund("k", "1.5"), inCurrency(refund("k", "1.5"), money.EUR), false},
		"nothing to allocate":              {one, refund("k", "1.5"), allocated(refund("k", "1.5"), payment.AllocateProportional), true},
		"nothing to allocate, in order":    {one, allocated(refund("k", "1.5"), payment.AllocateInOrder), allocated(refund("k", "1.5"), payment.AllocateProportional), true},
		"v2 on one line":                   {one, refund("k", "1.5"), allocated(refund("k", "1.5"), payment.AllocateByIyzico), false},
		"full for its amount":              {one, full("k"), refund("k", "100"), false},
		"full of the only line":            {one, full("k"), onLine(full("k"), "1"), true},
		"another amount":                   {one, refund("k", "1.5"), refund("k", "1.51"), false},
		"another line":                     {two, onLine(refund("k", "1.5"), "1"), onLine(refund("k", "1.5"), "2"), false},
		"another allocation":               {two, allocated(refund("k", "1.5"), payment.AllocateInOrder), allocated(refund("k", "1.5"), payment.AllocateProportional), false},
		"full of a line for full":          {two, full("k"), onLine(full("k"), "1"), false},
		"a cancel for a refund":            {one, refund("k", "1.5"), cancel("k"), false},
		"a refund for a cancel":            {one, cancel("k"), refund("k", "100"), false},
		"charged to the merchant":          {one, refund("k", "1.5"), charged(refund("k", "1.5")), false},
		"charged to the merchant no more":  {one, charged(refund("k", "1.5")), refund("k", "1.5"), false},
		"charged, the only line named":     {one, charged(refund("k", "1.5")), charged(onLine(refund("k", "1.50"), "1")), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, tc.lines...)
			s.rules.Marketplace = true
			s.ask(tc.first)
			for s.call != nil {
				s.answer(succeeded)
			}
			s.saved0(func() { s.ask(tc.second) })
			if tc.same {
				s.silent()
				return
			}
			s.refused(payment.CodeKeyReused)
		})
	}
}

// TestKeysOfOlderVersionsStayValid: their fingerprints took every member to the letter.
func TestKeysOfOlderVersionsStayValid(t *testing.T) {
	t.Parallel()
	c := refund("order-1", "10")
	s := newStory(t, "100").ask(c).answer(succeeded)
	s.op("order-1").Fingerprint = "156c4d00292ddf33c8a97a6c1f0fbe993f5e5d64d3b8f6a03c1769f977101d30" // of a version before
	s.saved0(func() { s.ask(c) }).silent()
	s.saved0(func() { s.ask(charged(c)) }).refused(payment.CodeKeyReused) // those versions charged nobody else
	s.saved0(func() { s.ask(refund("order-1", "10.01")) }).refused(payment.CodeKeyReused)
}

// TestAReusedKeySaysWhatItDid: nobody who meant that very refund is told to pay again.
func TestAReusedKeySaysWhatItDid(t *testing.T) {
	t.Parallel()
	id := refund("k", "1").OperationID()
	for name, tc := range map[string]struct {
		play func() *story
		want string
	}{
		"succeeded": {func() *story { return newStory(t, "100").ask(refund("k", "1.5")).answer(succeeded) },
			"This key already refunded 1.50 TRY (" + id + ", succeeded). If that is the refund you meant, you are done. A new key is a second refund."},
		"partial": {func() *story { return three(t).answer(succeeded).answer(rejected) }, "This key already refunded 10.00 of 60.00 TRY (" + id + ", partially_succeeded)."},
		"unknown": {func() *story { return lostRefund(t) }, "its end is open. If that is the refund you meant, wait and read it again. A new key is a second refund."},
		"sending": {func() *story { return newStory(t, "100").ask(refund("k", "1.5")) }, "(" + id + ", processing), and its end is open."},
		"rejected": {func() *story { return newStory(t, "100").ask(refund("k", "1.5")).answer(rejected) },
			"This key was used to refund 1.50 TRY (" + id + ", rejected), and moved no money. If the money is still to move, ask with a new key."},
		"not executed": {func() *story { return lostRefund(t).absent() }, "and moved no money."},
		"review":       {func() *story { return reviewed(t) }, "A new key is a second refund."},
	} {
		s := tc.play().pass(time.Second)
		e := s.ask(refund("k", "77")).refused(payment.CodeKeyReused)
		if !strings.Contains(e.Message, tc.want) {
			t.Errorf("%s: %s\nwant %s", name, e.Message, tc.want)
		}
		if open := s.op("k").Status().Unfinished(); open && strings.Contains(e.Message, "ask with a new key") {
			t.Errorf("%s invites a second refund: %s", name, e.Message)
		}
	}
	s := newStory(t, "100").ask(cancel("k")).answer(succeeded)
	if e := s.ask(refund("k", "1")).refused(payment.CodeKeyReused); !strings.Contains(e.Message, "already cancelled 100.00 TRY (cn_") {
		t.Error(e.Message)
	}
}
