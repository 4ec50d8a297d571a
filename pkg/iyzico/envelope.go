package iyzico

import "time"

// Envelope is what all of iyzico's answers have in common.
type Envelope struct {
	// HTTPStatus is the answer's status. It decides nothing: the body does.
	HTTPStatus int
	// Locale is tr or en, the language of messages.
	Locale string
	// SystemTime is iyzico's clock when it answered, in UTC with milliseconds; the zero time if absent or unreadable.
	SystemTime time.Time
	// ConversationID is the echo of the request's.
	ConversationID string
	// Warnings holds Warning constants: what is odd about the answer and does not make it another one.
	Warnings []string
}

// enveloped is a pointer to a struct that embeds Envelope.
type enveloped interface{ envelope() *Envelope }

func (e *Envelope) envelope() *Envelope { return e }

// The words that a result's Warnings can hold. They are stable.
const (
	WarningSignatureOrder   = "signature-order"   // signed in the order of paymentId, conversationId (as in the node SDK's sample)
	WarningSignatureInvalid = "signature-invalid" // a signature that fits no known order
	WarningSignatureMissing = "signature-missing" // no signature where one is usual
	WarningPriceDiffers     = "price-differs"     // the answer names another amount than expected, or none
	WarningHTTPStatus       = "http-status"       // a success that came with an HTTP error status
)

// wireAnswer holds the members that any answer may carry; answers embed it.
type wireAnswer struct {
	Status         token `json:"status"`
	Locale         token `json:"locale"`
	SystemTime     token `json:"systemTime"`
	ConversationID token `json:"conversationId"`
	ErrorCode      token `json:"errorCode"`
	ErrorGroup     token `json:"errorGroup"`
	ErrorMessage   token `json:"errorMessage"`

	PaymentID            token `json:"paymentId"`
	PaymentTransactionID token `json:"paymentTransactionId"`
	Price                token `json:"price"`
	Currency             token `json:"currency"`
	Retryable            token `json:"retryable"`
	Signature            token `json:"signature"`
}

func (w *wireAnswer) common() *wireAnswer { return w }

// answer is a pointer to a struct that embeds wireAnswer.
type answer interface{ common() *wireAnswer }

func (s *success) envelope() Envelope {
	return Envelope{
		HTTPStatus:     s.httpStatus,
		Locale:         s.wire.Locale.str(),
		SystemTime:     s.wire.SystemTime.millis(),
		ConversationID: s.wire.ConversationID.str(),
		Warnings:       s.warnings,
	}
}
