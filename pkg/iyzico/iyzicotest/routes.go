package iyzicotest

import "net/http"

// endpoint is one path of iyzico's API.
type endpoint struct {
	methods string
	// money tells that the path can move money, or begin to: "*" faults act on it and its requests are logged.
	money bool
	// unsigned tells that a request without Authorization is taken, too.
	unsigned bool
	handle   func(*Server, *call) answer
}

const session = "/v1/pay-with-iyzico/third-party-session/"

// endpoints is the whole API by path. Refund to balance is served at both of its paths: what the documents say (docs/iyzico.md
// P0) and what the official clients call (docs/iyzico.md §3.1).
var endpoints = map[string]endpoint{
	PathRefund:                           {methods: http.MethodPost, money: true, handle: (*Server).refund},
	PathMerchantCharge:                   {methods: http.MethodPost, money: true, handle: (*Server).merchantCharge},
	PathRefundV2:                         {methods: http.MethodPost, money: true, handle: (*Server).refundV2},
	PathCancel:                           {methods: http.MethodPost, money: true, handle: (*Server).cancel},
	PathBalanceInit:                      {methods: http.MethodPost, money: true, handle: (*Server).balanceInit},
	"/payment/iyzipos/item/approve":      {methods: http.MethodPost, money: true, handle: (*Server).balanceInit},
	PathAuth:                             {methods: http.MethodPost, money: true, handle: (*Server).auth},
	PathFundPayment:                      {methods: http.MethodPost, money: true, handle: (*Server).fundPay},
	"/payment/detail":                    {methods: http.MethodPost, handle: (*Server).detail},
	"/payment/test":                      {methods: http.MethodGet + http.MethodPost, unsigned: true, handle: (*Server).apiTest},
	"/payment/bin/check":                 {methods: http.MethodPost, handle: (*Server).binCheck},
	"/v2/reporting/payment/details":      {methods: http.MethodGet, handle: (*Server).reportDetails},
	"/v2/reporting/payment/transactions": {methods: http.MethodGet, handle: (*Server).reportTransactions},
	"/v2/reporting/payment/scroll-transactions": {methods: http.MethodGet, handle: (*Server).reportScroll},
	session + "retrieve/payment":                {methods: http.MethodPost, handle: (*Server).sessionPayment},
	session + "retrieve/session":                {methods: http.MethodPost, handle: (*Server).sessionState},
	session + "retrieve/access-token":           {methods: http.MethodPost, handle: (*Server).sessionAccessToken},
	session + "retrieve/last-payment-info":      {methods: http.MethodPost, handle: (*Server).sessionLastPayment},
	session + "invalidate/session":              {methods: http.MethodPost, handle: (*Server).sessionEnd},
}
