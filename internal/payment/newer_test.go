package payment_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

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
		"destination": {`"d":"card"`, `"d":"voucher"`}, "allocation": {`"al":"in_order"`, `"al":"by_weight"`},
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
