package iyzico

import (
	"encoding/json"
	"strconv"
)

// wireReport is the report of payments as iyzico writes it.
type wireReport struct {
	wireAnswer
	Payments list[wireReportedPayment] `json:"payments"`
}

type wireReportedPayment struct {
	PaymentID             token                    `json:"paymentId"`
	PaymentStatus         token                    `json:"paymentStatus"`
	PaymentRefundStatus   token                    `json:"paymentRefundStatus"`
	Price                 token                    `json:"price"`
	PaidPrice             token                    `json:"paidPrice"`
	Currency              token                    `json:"currency"`
	Phase                 token                    `json:"phase"`
	PaymentConversationID token                    `json:"paymentConversationId"`
	BasketID              token                    `json:"basketId"`
	Installment           token                    `json:"installment"`
	FraudStatus           token                    `json:"fraudStatus"`
	AuthCode              token                    `json:"authCode"`
	HostReference         token                    `json:"hostReference"`
	ConnectorName         token                    `json:"connectorName"`
	CreatedDate           token                    `json:"createdDate"`
	UpdatedDate           token                    `json:"updatedDate"`
	Cancels               list[wireReportedRefund] `json:"cancels"`
	ItemTransactions      list[wireReportedLine]   `json:"itemTransactions"`
}

type wireReportedLine struct {
	PaymentTransactionID token                    `json:"paymentTransactionId"`
	ItemID               token                    `json:"itemId"`
	TransactionStatus    token                    `json:"transactionStatus"`
	Price                token                    `json:"price"`
	PaidPrice            token                    `json:"paidPrice"`
	Refunds              list[wireReportedRefund] `json:"refunds"`
}

// wireReportedRefund covers refunds[] and cancels[], which name their ids differently.
type wireReportedRefund struct {
	RefundTxID           token `json:"refundTxId"`
	RefundID             token `json:"refundId"`
	RefundConversationID token `json:"refundConversationId"`
	CancelConversationID token `json:"cancelConversationId"`
	RefundPrice          token `json:"refundPrice"`
	RefundStatus         token `json:"refundStatus"`
	CurrencyCode         token `json:"currencyCode"`
	CreatedDate          token `json:"createdDate"`
	IsAfterSettlement    token `json:"isAfterSettlement"`
	AuthCode             token `json:"authCode"`
	HostReference        token `json:"hostReference"`
	ErrorCode            token `json:"errorCode"`
	ErrorGroup           token `json:"errorGroup"`
	ErrorMessage         token `json:"errorMessage"`
}

// refundNames are the members by which an entry is told apart.
type refundNames struct {
	idField, conversationField string
	id, conversationID         token
	needsPrice                 bool
}

// refund names an entry of refunds[], by the names of cancels[] where its own are absent.
func (w wireReportedRefund) refund() refundNames {
	return refundNames{
		idField: "refundTxId", id: w.RefundTxID.or(w.RefundID),
		conversationField: "refundConversationId", conversationID: w.RefundConversationID.or(w.CancelConversationID),
		needsPrice: true,
	}
}

// cancel names an entry of cancels[], by the names of refunds[] where its own are absent.
func (w wireReportedRefund) cancel() refundNames {
	return refundNames{
		idField: "refundId", id: w.RefundID.or(w.RefundTxID),
		conversationField: "cancelConversationId", conversationID: w.CancelConversationID.or(w.RefundConversationID),
	}
}

// or returns the token itself, or other if it has no text and can be read.
func (t token) or(other token) token {
	if t.text == "" && !t.unreadable {
		return other
	}
	return t
}

// list is a list of an answer that remembers whether it was there.
type list[T any] struct {
	items []T
	state ListState
}

// UnmarshalJSON reads a list or null; anything else is an error of its shape.
func (l *list[T]) UnmarshalJSON(raw []byte) error {
	l.items, l.state = nil, ListPresent
	if string(raw) == "null" {
		l.state = ListNull
		return nil
	}
	return json.Unmarshal(raw, &l.items)
}

// at writes the path of a list's element, with its dot.
func at(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]." }
