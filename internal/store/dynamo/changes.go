package dynamo

import (
	"fmt"

	"github.com/iade/iade/internal/payment"
)

// Images reads the two images of a record of the table's stream, the newer one last; payment.Changes and payment.Records say
// what is between them. Ok is false for what changes nothing: a counter, and an item that is gone (the table's TTL). An
// account that this program cannot read is an error, never nothing.
func Images(oldImage, newImage Attribute) (old, next payment.Account, ok bool, err error) {
	next, ok, err = DecodeItem(newImage)
	if err != nil {
		return old, next, false, fmt.Errorf("read the new image: %w", err)
	}
	if !ok {
		return old, next, false, nil
	}
	old, existed, err := DecodeItem(oldImage)
	if err != nil {
		return old, next, false, fmt.Errorf("read the old image: %w", err)
	}
	if !existed {
		old = payment.Account{ID: next.ID}
	}
	return old, next, true, nil
}
