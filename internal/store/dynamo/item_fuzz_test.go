package dynamo

import (
	"testing"

	"github.com/iade/iade/internal/payment"
)

// FuzzDecodeItem: two images of a stream record give changes of one account, nothing, or an error: never a panic, never an
// account under another key.
func FuzzDecodeItem(f *testing.F) {
	const account = `{"f":1,"id":"PAYMENT#1","v":1,"p":"1","c":"TRY"}`
	f.Add("PAYMENT#1", account, []byte(nil))
	f.Add("QUOTA#refund#2031-01-02T03:04Z", "", []byte(nil))
	f.Add("PAYMENT#2", account, []byte("\x1f\x8b\x08"))
	f.Fuzz(func(t *testing.T, key, text string, data []byte) {
		image := func(name string) (string, []byte) {
			switch name {
			case keyAttr:
				return key, nil
			case accountAttr:
				return text, data
			}
			return "", nil
		}
		a, ok, err := DecodeItem(image)
		if ok && (err != nil || string(a.ID) != key) || err != nil && (ok || a.ID != "") {
			t.Fatalf("%q: %q %v %v", key, a.ID, ok, err)
		}
		old, next, _, imagesErr := Images(image, image)
		if changes := payment.Changes(old, next); len(changes) > 0 || (imagesErr == nil) != (err == nil) {
			t.Fatalf("an image changed into itself: %v %v", changes, imagesErr)
		}
		if records := payment.Records(old, next); len(records) > 0 {
			t.Fatalf("an image changed into itself: %v", records)
		}
		if ok {
			none := func(string) (string, []byte) { return "", nil }
			old, next, _, err := Images(none, image)
			if err != nil {
				t.Fatal(err)
			}
			_ = payment.Records(old, next)
			_ = payment.Alarms(payment.Account{}, a)
		}
	})
}
