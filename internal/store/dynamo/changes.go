package dynamo

import (
	"fmt"

	"github.com/iade/iade/internal/payment"
)

// Changes compares the two images of a record of the table's stream, the newer one last: the outbox of the deployed table.
// A counter, and an item that is gone (the table's TTL), change nothing that is published. An account that this program
// cannot read is an error, never nothing.
func Changes(oldImage, newImage Attribute) ([]payment.Change, error) {
	next, ok, err := DecodeItem(newImage)
	if err != nil {
		return nil, fmt.Errorf("read the new image: %w", err)
	}
	if !ok {
		return nil, nil
	}
	old, ok, err := DecodeItem(oldImage)
	if err != nil {
		return nil, fmt.Errorf("read the old image: %w", err)
	}
	if !ok {
		old = payment.Account{ID: next.ID}
	}
	return payment.Changes(old, next), nil
}
