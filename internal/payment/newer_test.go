package payment_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

// TestWhatANewerVersionWroteIsRefused: a made-up next version adds a member at every level, a state, a kind, a call and a word of
// each other list. Reading any of them must fail: dropping an open 10.00 would let 95.00 of 100.00 go out beside it.
func TestWhatANewerVersionWroteIsRefused(t *testing.T) {
	t.Parallel()
	data := encode(t, filled(t))
	var root any
	if err := json.Unmarshal(data, &root); err != nil {
		t.Fatal(err)
	}
	objects := 0
	var members func(path string, v any)
	members = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			objects++
			v["zz"] = 1
			refusedForm(t, path+".zz", root)
			delete(v, "zz")
			for name, child := range v {
				members(path+"."+name, child)
			}
		case []any:
			for i, child := range v {
				members(fmt.Sprintf("%s[%d]", path, i), child)
			}
		}
	}
	members("account", root)
	if objects < 30 {
		t.Errorf("only %d objects got a member more", objects)
	}
	for what, words := range map[string][2]string{
		"state": {`"s":"unknown"`, `"s":"disputed"`}, "kind": {`"k":"refund"`, `"k":"chargeback"`}, "call": {`"api":"refund_v2"`, `"api":"refund_v3"`},
		"destination": {`"d":"card"`, `"d":"voucher"`}, "allocation": {`"al":"in_order"`, `"al":"by_weight"`}, "who is charged": {`"ct":"merchant"`, `"ct":"nobody"`},
		"decision": {`"Decision":"succeeded"`, `"Decision":"split"`}, "refusal": {`"Code":"exceeds-refundable"`, `"Code":"frozen"`},
		"currency": {`"c":"TRY"`, `"c":"XAU"`}, "status of what left": {`"s":"succeeded"`, `"s":"reversed"`},
		"call of another kind": {`"api":"refund_v2"`, `"api":"cancel"`}, "format": {`"f":2`, `"f":3`},
	} {
		if !bytes.Contains(data, []byte(words[0])) {
			t.Errorf("%s: the account has no %s", what, words[0])
		}
		changed := bytes.Replace(data, []byte(words[0]), []byte(words[1]), 1)
		if a, err := payment.DecodeAccount(changed); err == nil || !reflect.DeepEqual(a, payment.Account{}) {
			t.Errorf("a new %s was read: %v", what, err)
		}
	}
}

func refusedForm(t *testing.T, what string, v any) {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := payment.DecodeAccount(data); err == nil || !strings.Contains(err.Error(), "zz") {
		t.Errorf("%s was dropped: %v", what, err)
	}
}

// TestARolledBackVersionTouchesNothing: every entry point answers "not available", and saves and sends nothing.
func TestARolledBackVersionTouchesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.must(refund("open", "10"), payment.StatusSucceeded)
	id := payment.PaymentAccount(paymentID)
	newer := bytes.Replace(w.accounts[id], []byte(`"s":"succeeded"`), []byte(`"s":"disputed"`), 1)
	store := refusing{w, newer}
	service := payment.NewService(store, gatewayOf{w}, w, payment.Rules{SettleWindow: window, SendTimeout: window})
	w.did()
	until := w.Now().Add(window)
	_, requested := service.Request(t.Context(), refund("k", "95"), until, payment.RecordAll)
	_, previewed := service.Preview(t.Context(), refund("k", "95"), until)
	_, shown := service.Payment(t.Context(), paymentID, 0, until)
	_, read := service.Operation(t.Context(), refund("open", "10").OperationID())
	_, checked := service.Check(t.Context(), refund("open", "10").OperationID(), until)
	_, resolved := service.Resolve(t.Context(), refund("open", "10").OperationID(), payment.DecideSucceeded, "r", "b", until)
	for what, err := range map[string]error{"request": requested, "preview": previewed, "payment": shown, "operation": read, "check": checked, "resolve": resolved} {
		if payment.CodeOf(err) != payment.CodeUnavailable {
			t.Errorf("%s: %v", what, err)
		}
	}
	if did := w.did(); did != "" {
		t.Errorf("it did %q", did)
	}
}

// mixed is a store in which a newer version wrote one of the accounts.
type mixed struct {
	*world
	newer payment.AccountID
}

func (m mixed) Load(ctx context.Context, id payment.AccountID) (payment.Account, error) {
	a, err := m.world.Load(ctx, id)
	if id != m.newer || err != nil {
		return a, err
	}
	return payment.DecodeAccount(bytes.Replace(encode(m.t, a), []byte(`"s":"unknown"`), []byte(`"s":"disputed"`), 1))
}

// TestAPassLeavesWhatANewerVersionWrote: while functions are replaced one after the other, an older reconciler settles what it can
// read. What it cannot read is counted, and stays as it is; no list that lacks it passes for whole; and a customer who comes back to
// it is told to try later.
func TestAPassLeavesWhatANewerVersionWrote(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	ids := w.crowd(3)
	newer := payment.PaymentAccount(ids[1])
	before := bytes.Clone(w.accounts[newer])
	service := payment.NewService(mixed{w, newer}, gatewayOf{w}, w, payment.Rules{SettleWindow: window, SendTimeout: 20 * time.Second})
	w.wait(window)
	w.read = func(q payment.Query) (payment.Report, error) { return w.found(q.PaymentID), nil }

	counts, _, err := service.Census(t.Context(), "", 50)
	if err != nil || counts.Unfinished[payment.StatusUnknown] != 3 {
		t.Errorf("counted %v, %v", counts, err)
	}
	if all, _, err := service.Operations(t.Context(), payment.OperationFilter{}, "", 50); payment.CodeOf(err) != payment.CodeUnavailable || all != nil {
		t.Errorf("listed %d, %v", len(all), err)
	}
	c := refund("k", "1")
	c.PaymentID = ids[1]
	if _, err := service.Return(t.Context(), c.OperationID(), payment.HashToken("token")); payment.CodeOf(err) != payment.CodeUnavailable {
		t.Errorf("who comes back: %v", err)
	}
	for range 2 {
		done, err := service.Reconcile(t.Context(), w.Now().Add(time.Minute))
		if payment.CodeOf(err) != payment.CodeUnavailable || done.Failed != 1 || !done.Complete {
			t.Errorf("a pass did %+v, %v", done, err)
		}
		w.wait(2 * time.Hour)
	}
	for i, id := range ids {
		op := w.stored(payment.PaymentAccount(id)).Operations[0]
		if want := map[bool]payment.Status{true: payment.StatusUnknown, false: payment.StatusSucceeded}[i == 1]; op.Status() != want {
			t.Errorf("%s is %s", id, op.Status())
		}
	}
	if !bytes.Equal(before, w.accounts[newer]) {
		t.Errorf("it was written to:\n%s", w.accounts[newer])
	}
	// The newer version, or the older one that replaces it, finds everything as it was.
	if _, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if status := w.stored(newer).Operations[0].Status(); status != payment.StatusSucceeded {
		t.Errorf("in the end it is %s", status)
	}
}

// TestAKeyThatANewerVersionBoundIsNotSentAgain: where that version makes fingerprints in another way, the older one knows no
// request as the same, and refuses all.
func TestAKeyThatANewerVersionBoundIsNotSentAgain(t *testing.T) {
	t.Parallel()
	s := newStory(t, "100").ask(refund("k", "10")).answer(succeeded)
	s.account.Operations[0].Fingerprint = "v9:" + s.account.Operations[0].Fingerprint
	for _, sum := range []string{"10", "20"} {
		s.saved0(func() { s.ask(refund("k", sum)) }).refused(payment.CodeKeyReused)
	}
	s.sums("10.00", "0.00", "90.00")
}

// TestFormOneIsRead: tables of the version before hold it.
func TestFormOneIsRead(t *testing.T) {
	t.Parallel()
	a, err := payment.DecodeAccount([]byte(`{"f":1,"id":"PAYMENT#1","v":7,"p":"1","c":"TRY","ch":true,"l":[{"id":"1","p":"33.33333333"}],"o":[{"id":"rf_1_aaaaaaaaaaaaaaaa",` +
		`"k":"refund","key":"k","fp":"f","a":"10","d":"card","g":[{"api":"refund","l":"1","a":"10","s":"unknown","n":1}],"ca":"2031-03-10T09:00:00Z","ua":"2031-03-10T09:00:00Z"}]}`))
	if err != nil || a.Totals().ReservedAmount.String() != "10.00" {
		t.Errorf("%+v, %v", a, err)
	}
}

// TestStoredNamesDifferByMoreThanCase: encoding/json reads names whatever their case, so two that differ by case alone would be
// one.
func TestStoredNamesDifferByMoreThanCase(t *testing.T) {
	t.Parallel()
	var root any
	if err := json.Unmarshal(encode(t, filled(t)), &root); err != nil {
		t.Fatal(err)
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			seen := map[string]string{}
			for name, child := range v {
				if other, twice := seen[strings.ToLower(name)]; twice {
					t.Errorf("%s and %s", name, other)
				}
				seen[strings.ToLower(name)] = name
				walk(child)
			}
		case []any:
			for _, child := range v {
				walk(child)
			}
		}
	}
	walk(root)
}
