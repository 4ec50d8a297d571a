package iyzico

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/shopspring/decimal"
)

const (
	pathTransactions = "/v2/reporting/payment/transactions"

	// maxPages bounds the pages of one day.
	maxPages = 10_000
)

// The types of a reported transaction.
const (
	TransactionPayment = "PAYMENT"
	TransactionCancel  = "CANCEL"
	TransactionRefund  = "REFUND"
)

// ListTransactionsRequest asks for all transactions of one day (docs, reporting-service).
type ListTransactionsRequest struct {
	// Date is the day in Istanbul as YYYY-MM-DD.
	Date string
	// ConversationID names this query. Optional, at most 64 visible ASCII characters.
	ConversationID string
	// Locale is tr (the default) or en.
	Locale string
	// BeforePage is called before each page is asked for, the first one is 1: each page is a request of its own within
	// iyzico's rate limit. Its error ends the call. Optional.
	BeforePage func(ctx context.Context, page int) error
}

// TransactionList is the whole list of one day.
type TransactionList struct {
	// Date is the day that was asked for.
	Date string
	// Transactions are in the order of the pages, newest first.
	Transactions []ReportedTransaction
	// Pages is how many pages were read.
	Pages int
	// SystemTime is iyzico's clock when it answered the first page: the list may lack what happened later. The zero time if
	// a page has none.
	SystemTime time.Time
	// ReadAt is the client's clock before the first page was asked for.
	ReadAt time.Time
	// Warnings holds Warning constants, of all pages.
	Warnings []string
}

// ReportedTransaction is one line's share of a payment, a cancel or a refund: a payment of three lines is three rows, and so
// are its cancel and its refund in full. The rows of one cancel share one TransactionID.
type ReportedTransaction struct {
	// Type is TransactionPayment, TransactionCancel or TransactionRefund; other words are left as they are.
	Type          string
	TransactionID string
	// At is in UTC.
	At time.Time
	// Status is the transaction's; nil if absent, as on refunds and cancels.
	Status    *int
	PaymentID string
	// PaymentTransactionID is the line.
	PaymentTransactionID string
	// ConversationID is the one of the request that made the transaction, exactly as written; empty if absent.
	ConversationID string
	// Phase is PRE_AUTH, AUTH or POST_AUTH.
	Phase string
	// Price is the line's amount. It can have 8 decimals.
	Price decimal.Decimal
	// PaidPrice is the whole payment's, zero if absent.
	PaidPrice decimal.Decimal
	// Currency is in upper case, empty if absent.
	Currency string
	// AfterSettlement tells that the money had already been paid out to the merchant.
	AfterSettlement bool
	AuthCode        string
	HostReference   string
	BasketID        string
}

type wireTransactions struct {
	wireAnswer
	CurrentPage    token                 `json:"currentPage"`
	TotalPageCount token                 `json:"totalPageCount"`
	Transactions   list[wireTransaction] `json:"transactions"`
}

type wireTransaction struct {
	TransactionType     token `json:"transactionType"`
	TransactionID       token `json:"transactionId"`
	TransactionDate     token `json:"transactionDate"`
	TransactionStatus   token `json:"transactionStatus"`
	PaymentID           token `json:"paymentId"`
	PaymentTxID         token `json:"paymentTxId"`
	ConversationID      token `json:"conversationId"`
	PaymentPhase        token `json:"paymentPhase"`
	Price               token `json:"price"`
	PaidPrice           token `json:"paidPrice"`
	TransactionCurrency token `json:"transactionCurrency"`
	AfterSettlement     token `json:"afterSettlement"`
	AuthCode            token `json:"authCode"`
	HostReference       token `json:"hostReference"`
	BasketID            token `json:"basketId"`
}

// ListTransactions reads a day's transactions, all pages of them, or fails: a list that was read in part proves nothing. It
// moves nothing. With ReasonUnreadable it refuses a list whose number of pages changes meanwhile, a page without rows where
// rows must be, a row without type, ids, price or readable date, a row of another day, and a row that was there before, which
// is what a page looks like that is read twice or moved on while it was read. With ReasonEchoMismatch it refuses another page
// than the one asked for. A day that is not over grows at its start, so reading it can fail just because of that: read again.
//
// If ctx has no deadline, each page has the default timeout.
func (c *Client) ListTransactions(ctx context.Context, req ListTransactionsRequest) (*TransactionList, error) {
	reading := dayReading{
		list: TransactionList{Date: req.Date, ReadAt: c.opts.clock().UTC()},
		seen: map[rowKey]bool{},
	}
	for page := 1; page == 1 || page <= reading.list.Pages; page++ {
		r := askPage(req.Date, page, req.ConversationID, req.Locale)
		if err := r.prepare(); err != nil {
			return nil, err
		}
		if req.BeforePage != nil {
			if err := req.BeforePage(ctx, page); err != nil {
				return nil, fmt.Errorf("iyzico: before page %d of the transactions of %s: %w", page, req.Date, err)
			}
		}
		answer, err := perform(ctx, c, r, func(s *success, wire *wireTransactions) transactionsPage {
			reading.page(s, wire, page)
			return transactionsPage{}
		})
		if err != nil {
			return nil, err
		}
		if page == 1 || answer.SystemTime.IsZero() {
			reading.list.SystemTime = answer.SystemTime
		}
		reading.list.Warnings = append(reading.list.Warnings, answer.Warnings...)
	}
	return &reading.list, nil
}

func askPage(date string, page int, conversationID, locale string) *request {
	r := ask(http.MethodGet, pathTransactions, conversationID, locale)
	r.day("transactionDate", date)
	r.require(page >= 1 && page <= maxPages, "page", "must be between 1 and "+strconv.Itoa(maxPages))
	r.query = query(
		"transactionDate", date,
		"page", strconv.Itoa(page),
		"conversationId", conversationID,
		"locale", localeOrDefault(locale),
	)
	return r
}

// RetrieveTransactionsPageRequest asks for one page of a day's transactions.
type RetrieveTransactionsPageRequest struct {
	// Date is the day in Istanbul as YYYY-MM-DD.
	Date string
	// Page counts from 1.
	Page int
	// ConversationID names this query. Optional, at most 64 visible ASCII characters.
	ConversationID string
	// Locale is tr (the default) or en.
	Locale string
}

// TransactionsPage is one page of a day's transactions, newest first.
type TransactionsPage struct {
	Envelope
	// Page is the page itself, Pages how many there were when iyzico answered.
	Page, Pages  int
	Transactions []ReportedTransaction
}

// RetrieveTransactionsPage reads one page of a day's transactions, for who cannot read a long day in one go: ListTransactions
// reads them all. It moves nothing. It refuses a page as ListTransactions does; whether the pages fit together is the caller's
// to see: what comes in meanwhile moves rows on to later pages, where they are then read twice.
func (c *Client) RetrieveTransactionsPage(ctx context.Context, req RetrieveTransactionsPageRequest) (*TransactionsPage, error) {
	r := askPage(req.Date, req.Page, req.ConversationID, req.Locale)
	reading := dayReading{list: TransactionList{Date: req.Date}, seen: map[rowKey]bool{}, alone: true}
	return perform(ctx, c, r, func(s *success, wire *wireTransactions) TransactionsPage {
		reading.page(s, wire, req.Page)
		return TransactionsPage{Page: req.Page, Pages: reading.list.Pages, Transactions: reading.list.Transactions}
	})
}

// transactionsPage is what one page has beside its rows.
type transactionsPage struct{ Envelope }

// rowKey tells rows apart: the rows of one cancel share their transaction's id, and iyzico has one row a line.
type rowKey struct{ kind, transactionID, line string }

// dayReading is a day's list as far as it was read.
type dayReading struct {
	list  TransactionList
	seen  map[rowKey]bool
	alone bool // one page is read, and not the whole list
}

// page adds a page's rows, or notes why the list cannot be trusted.
func (d *dayReading) page(s *success, wire *wireTransactions, page int) {
	pages := s.fields.number("totalPageCount", wire.TotalPageCount)
	current := s.fields.number("currentPage", wire.CurrentPage)
	rows := wire.Transactions.items
	if wire.Transactions.state != ListPresent {
		s.fields.fail("transactions")
	}
	if !wire.TotalPageCount.present || pages < 0 || pages > maxPages || (page > 1 && !d.alone && pages != d.list.Pages) {
		s.fields.fail("totalPageCount")
	}
	empty := len(rows) == 0 && page == 1 && pages <= 1
	if (len(rows) == 0 || pages == 0) && !empty {
		s.fields.fail("transactions")
	}
	if current != page && (!empty || current != 0) {
		s.reject(ReasonEchoMismatch, "currentPage")
	}
	d.list.Pages = pages
	for i := range rows {
		path := at("transactions", i)
		row := s.transaction(path, &rows[i])
		if istanbulDay(row.At) != d.list.Date { // an unreadable date is of no day
			s.fields.fail(path + "transactionDate")
		}
		key := rowKey{row.Type, row.TransactionID, row.PaymentTransactionID}
		if d.seen[key] {
			s.fields.fail(path + "transactionId")
		}
		d.seen[key] = true
		d.list.Transactions = append(d.list.Transactions, row)
	}
}

func (s *success) transaction(path string, wire *wireTransaction) ReportedTransaction {
	row := ReportedTransaction{
		Type:                 wire.TransactionType.str(),
		TransactionID:        s.fields.requiredID(path+"transactionId", wire.TransactionID),
		At:                   wallTime(wire.TransactionDate.text),
		Status:               s.fields.integer(path+"transactionStatus", wire.TransactionStatus),
		PaymentID:            s.fields.requiredID(path+"paymentId", wire.PaymentID),
		PaymentTransactionID: s.fields.requiredID(path+"paymentTxId", wire.PaymentTxID),
		ConversationID:       s.fields.id(path+"conversationId", wire.ConversationID),
		Phase:                wire.PaymentPhase.str(),
		Price:                s.fields.requiredAmount(path+"price", wire.Price),
		PaidPrice:            s.fields.amount(path+"paidPrice", wire.PaidPrice),
		Currency:             wire.TransactionCurrency.currency(),
		AfterSettlement:      isTrue(wire.AfterSettlement),
		AuthCode:             wire.AuthCode.str(),
		HostReference:        wire.HostReference.str(),
		BasketID:             wire.BasketID.str(),
	}
	if row.Type == "" {
		s.fields.fail(path + "transactionType")
	}
	return row
}
