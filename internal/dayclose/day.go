// Package dayclose holds iyzico's list of one day against the journal: every refund and cancel that iyzico lists is one of
// iade's or was made past it, and every success that iade recorded on that day stands in iyzico's books with the same sum.
// What differs is read again payment by payment, so that the domain decides, and what still differs then is named.
package dayclose

import (
	"time"

	"github.com/iade/iade/internal/payment"
)

// Status is what is known about one day.
type Status string

// The statuses of a day.
const (
	// StatusOpen: it was not closed yet, or could not be: Day.Reason says why.
	StatusOpen Status = "open"
	// StatusClosed: iyzico's books and iade's say the same.
	StatusClosed Status = "closed"
	// StatusDiffers: they do not; Day.Differences says where.
	StatusDiffers Status = "differs"
)

// Day is one day of Istanbul as it was closed last.
type Day struct {
	Date     payment.Day `json:"date"`
	Status   Status      `json:"status"`
	ClosedAt time.Time   `json:"closedAt,omitzero"`
	// ReadAt is when the reading of iyzico's list began.
	ReadAt time.Time `json:"readAt,omitzero"`
	// Provisional: the day was not over when it was closed, and what came later is not in here. It is closed again.
	Provisional bool `json:"provisional,omitempty"`
	// Reason says why the day is open, or why closing it again failed.
	Reason string `json:"reason,omitempty"`
	// Iyzico sums the rows of iyzico's list; a row is one line's part of a movement.
	Iyzico Sums `json:"iyzico,omitempty"`
	// Iade sums the movements that the journal has on the day; a movement is what one leg moved.
	Iade Sums `json:"iade,omitempty"`
	// Confirmed sums those of them that iyzico's books have too, with the same amount.
	Confirmed Sums `json:"confirmed,omitempty"`
	// Settled are operations whose outcome was not known until this reading, at most MostNamed of them.
	Settled []string `json:"settled,omitempty"`
	// DifferenceCount counts all differences, and Differences names the first MostNamed.
	DifferenceCount int          `json:"differenceCount"`
	Differences     []Difference `json:"differences"`
}

// MostNamed is how many differences of one day are kept by name.
const MostNamed = 1000

// DifferenceKind says how the two books differ.
type DifferenceKind string

// The kinds of difference.
const (
	// OnlyAtIyzico: iyzico lists money that no operation of iade says it moved.
	OnlyAtIyzico DifferenceKind = "only_at_iyzico"
	// OnlyHere: an operation says that it moved money, and iyzico lists nothing of it.
	OnlyHere DifferenceKind = "only_here"
	// AmountDiffers: both have it, with other sums.
	AmountDiffers DifferenceKind = "amount_differs"
)

// Difference is one place in which the books differ: a row of iyzico's that is not ours, or one of our movements.
type Difference struct {
	Kind                 DifferenceKind `json:"kind"`
	PaymentID            string         `json:"paymentId"`
	PaymentTransactionID string         `json:"paymentTransactionId,omitempty"`
	OperationID          string         `json:"operationId,omitempty"`
	// TransactionID and Movement (refund, cancel) are iyzico's, of a row that is only there.
	TransactionID string            `json:"transactionId,omitempty"`
	Movement      string            `json:"movement,omitempty"`
	ChargedTo     payment.ChargedTo `json:"chargedTo,omitempty"` // of a movement of ours: who pays for it, where the caller said so
	Currency      string            `json:"currency"`
	IyzicoAmount  string            `json:"iyzicoAmount,omitempty"`
	IadeAmount    string            `json:"iadeAmount,omitempty"`
	At            time.Time         `json:"at,omitzero"` // when it moved
	// NotReadAgain: iyzico's report of the payment could not be read, so that the domain did not decide on it.
	NotReadAgain bool `json:"notReadAgain,omitempty"`
}

// Sums are by kind of movement and by currency.
type Sums map[string]map[string]Sum

// Sum is a number of rows or movements and what they come to, as exact as they are.
type Sum struct {
	Count  int    `json:"count"`
	Amount string `json:"amount"`
}
