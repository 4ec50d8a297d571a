package payment_test

import (
	"strings"
	"testing"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

// TestIDsAndFingerprintsNeverChange: a stored operation is recognised by them, also in iyzico's report after a restore.
func TestIDsAndFingerprintsNeverChange(t *testing.T) {
	t.Parallel()
	everything := payment.Command{
		Kind: payment.KindRefund, PaymentID: "9999999999999999999", Key: `visible !"#$%&'()*+-./:;<=>?@[]^_{|}~`, LineID: "1", Amount: amount("12.30"),
		Currency: money.TRY, Destination: payment.ToCard, Allocation: payment.AllocateInOrder, Reason: "FRAUD", Reference: "ığüşöç",
		ReturnURL: "https://shop.example/?a=b&c=<d>", Description: "text",
	}
	for _, tc := range []struct {
		c           payment.Command
		id          string
		fingerprint string
	}{
		{refund("order-1", "10"), "rf_10000001_gmqpdtstgvwbultd", "464c1d9a536abd2642f8db60f400ad4b87f619a07444e5bc7bc03de332364dbc"},
		{full("order-1"), "rf_10000001_gmqpdtstgvwbultd", "2cb3090a60388280ca9c8757917b5aa0a58014afde931521b4a8462ace55416e"},
		{cancel("order-1"), "cn_10000001_gmqpdtstgvwbultd", "e1d1f418ec4908af8211d47e9a31878adb0695fd1d91b326f9fd1408164e78a2"},
		{everything, "rf_9999999999999999999_yaj54554ohnfcwg7", "474a3cdff6fb435dd0f7ec843ead10e507d142f8da7d0bfd4d8807dffabb3766"},
	} {
		if got := tc.c.OperationID(); got != tc.id {
			t.Errorf("id %s, want %s", got, tc.id)
		}
		if got := tc.c.Fingerprint(); got != tc.fingerprint {
			t.Errorf("fingerprint %s, want %s", got, tc.fingerprint)
		}
	}
}

func TestAnIDIsAHashOfPaymentAndKey(t *testing.T) {
	t.Parallel()
	base := refund("k", "10")
	other := base
	other.PaymentID = "10000002"
	if base.OperationID() == other.OperationID() || base.OperationID() == refund("K", "10").OperationID() {
		t.Error("another payment or key gives the same id")
	}
	if base.OperationID() != full("k").OperationID() {
		t.Error("the id depends on more than payment and key")
	}
	// Neither may be shifted into the other.
	a, b := base, base
	a.PaymentID, a.Key = "1", "23"
	b.PaymentID, b.Key = "12", "3"
	if strings.TrimPrefix(a.OperationID(), "rf_1_") == strings.TrimPrefix(b.OperationID(), "rf_12_") {
		t.Error("payment and key run into each other")
	}
	if c := payment.ConversationID(base.OperationID(), 12); c != base.OperationID()+"-12" {
		t.Errorf("conversation id %s", c)
	}
	longest := base
	longest.PaymentID = strings.Repeat("9", 19)
	if n := len(payment.ConversationID(longest.OperationID(), 999)); n > 50 {
		t.Errorf("a conversation id has %d characters; about 50 are safe (docs/iyzico.md §5.5)", n)
	}
}

func TestTheFingerprintIsTheRequestByValue(t *testing.T) {
	t.Parallel()
	base := onLine(refund("k", "10"), "1")
	for name, change := range map[string]func(*payment.Command){
		"amount by value": func(c *payment.Command) { c.Amount = amount("10.000") },
		"ip":              func(c *payment.Command) { c.IP = "192.0.2.1" },
		"locale":          func(c *payment.Command) { c.Locale = "en" },
		"reason":          func(c *payment.Command) { c.Reason = "OTHER" },
		"description":     func(c *payment.Command) { c.Description = "text" },
		"reference":       func(c *payment.Command) { c.Reference = "text" },
		"return url":      func(c *payment.Command) { c.ReturnURL = "text" },
		"interactive":     func(c *payment.Command) { c.Interactive = true },
	} {
		c := base
		if change(&c); c.Fingerprint() != base.Fingerprint() {
			t.Errorf("%s changes the fingerprint", name)
		}
	}
	seen := map[string]string{base.Fingerprint(): "base"}
	for name, change := range map[string]func(*payment.Command){
		"kind":        func(c *payment.Command) { c.Kind = payment.KindBalanceRefund },
		"payment":     func(c *payment.Command) { c.PaymentID = "10000002" },
		"key":         func(c *payment.Command) { c.Key = "other" },
		"amount":      func(c *payment.Command) { c.Amount = amount("10.01") },
		"full":        func(c *payment.Command) { c.Amount, c.Full = money.Amount{}, true },
		"no line":     func(c *payment.Command) { c.LineID = "" },
		"line":        func(c *payment.Command) { c.LineID = "2" },
		"currency":    func(c *payment.Command) { c.Currency = money.TRY },
		"destination": func(c *payment.Command) { c.Destination = payment.ToBalance },
		"allocation":  func(c *payment.Command) { c.Allocation = payment.AllocateProportional },
	} {
		c := base
		change(&c)
		if before, twice := seen[c.Fingerprint()]; twice {
			t.Errorf("%s has the fingerprint of %s", name, before)
		}
		seen[c.Fingerprint()] = name
	}
}

func TestAnIDNamesItsAccount(t *testing.T) {
	t.Parallel()
	hash := strings.Repeat("a2", 8)
	for id, want := range map[string]payment.AccountID{
		"rf_1_" + hash: "PAYMENT#1", "cn_1234567890123456789_" + hash: "PAYMENT#1234567890123456789",
		"fp_" + strings.Repeat("z", 26): "FUND#fp_zzzzzzzzzzzzzzzzzzzzzzzzzz",
	} {
		if got, ok := payment.AccountOf(id); !ok || got != want {
			t.Errorf("%s: %s, %v", id, got, ok)
		}
	}
	if got := payment.PaymentAccount("77"); got.PaymentID() != "77" || payment.AccountID("FUND#fp_x").PaymentID() != "" {
		t.Errorf("%s", got)
	}
	for _, id := range []string{
		"", "_", "rf", "rf_", "rf__" + hash, "rf_1", "rf_1_", "rf_1_" + hash[1:], "rf_1_" + hash + "a", "rf_12345678901234567890_" + hash,
		"rf_a_" + hash, "rf_-1_" + hash, "rf_1_" + strings.ToUpper(hash), "rf_1_" + strings.Repeat("1", 16), "RF_1_" + hash, "xx_1_" + hash,
		"rf_1_" + hash + "\n", " rf_1_" + hash, "rf_١_" + hash, "rf_1_" + hash + "_" + hash, "fp_" + strings.Repeat("z", 25), "fp_1_" + hash,
		"fp_" + strings.Repeat("z", 25) + "#", "rf_1_aaaaaaaa0aaaaaaa", "rf_1_aaaa aaaaaaaaaaa",
	} {
		if got, ok := payment.AccountOf(id); ok {
			t.Errorf("%q is taken for an id of %s", id, got)
		}
	}
}

func FuzzAccountOf(f *testing.F) {
	f.Add(refund("k", "1").OperationID())
	f.Add(cancel("k").OperationID())
	f.Add("fp_" + strings.Repeat("a", 26))
	f.Add("rf_1_" + strings.Repeat("a", 15) + "1")
	f.Add("rf_1__")
	f.Fuzz(func(t *testing.T, id string) {
		account, ok := payment.AccountOf(id)
		if !ok {
			return
		}
		switch {
		case strings.HasPrefix(id, "fp_"):
			if account != payment.AccountID("FUND#"+id) || len(id) != 29 {
				t.Fatalf("%q is an id of %q", id, account)
			}
		case !payment.ValidIyzicoID(account.PaymentID()) || !strings.HasPrefix(id[3:], account.PaymentID()+"_") || len(id) != 3+len(account.PaymentID())+17:
			t.Fatalf("%q is an id of %q", id, account)
		}
		if strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
			t.Fatalf("%q has characters that no id has", id)
		}
	})
}
