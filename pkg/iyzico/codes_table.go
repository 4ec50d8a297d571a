package iyzico

// The sources of the table. "docs" are pages of docs.iyzico.com; "guide" is iyzico's Turkish guide of 2018 on GitBook; the
// others are GitHub repositories that publish answers of iyzico's sandbox.
const (
	sourceSystem             = "docs error-codes: system error"
	sourceValidation         = "docs error-codes; guide validasyon-hatalari: given before anything goes to the bank"
	sourceCredentials        = "docs error-codes: authentication"                                                      //nolint:gosec // where codes are written down
	sourceCredentialsFAQ     = "docs FAQ; iyzico/iyzipay-php issue 204; iyzico/iyzipay-node issue 128: authentication" //nolint:gosec // as above
	sourceSandboxRequest     = "hakansglm/pos, Voxyfy/anadolupay: a faulty request"
	sourceSandboxState       = "hakansglm/pos, Voxyfy/anadolupay: the payment is in no state for this call"
	sourceSandboxNoPayment   = "alegraio/omnipay-iyzico, hakansglm/pos: no such payment"
	sourceSandboxMarketplace = "feroxbyte/iyzico-js: refund v2 is not for marketplaces"
	sourceReads              = "docs checkout form: an answer to reads, says nothing about money"
	sourceInProgress         = "hakansglm/pos: an earlier request for the same is still at work, which says nothing about the money"
	sourceDecline            = "docs error-codes; guide banka-hatalari: definite decline by the bank"
	sourceBankFormat         = "docs error-codes: format or permission at the bank"
	sourceBankGeneral        = "docs error-codes: general bank error"
	sourceMayBeDone          = "docs error-codes: already approved, so it may be done"
	sourceBankUnreachable    = "docs error-codes: bank unreachable or timed out"
	sourceTryLater           = "docs error-codes: not now, try later, so it may be carried out later"
	sourceRateLimit          = "docs limiters: turned away before it is looked at"
	sourceSession            = "docs tokenization: example of a failure"
)

// codeTable says of each code whether a failure with it moved no money (Rejected), had no effect and may be sent again
// (NotSent), or says nothing (Unknown). iyzico promises none of it: Rejected and NotSent are what the sources allow to conclude.
var codeTable = []code{
	{"1", "SYSTEM_ERROR", Unknown, sourceSystem},
	{"2", "SYSTEM_ERROR", Unknown, sourceSystem},
	{"-1", "UNKNOWN", Unknown, sourceSystem},
	{"3", "INVALID_EMAIL", Rejected, sourceValidation},
	{"6", "REQUEST_MISSING", Rejected, sourceValidation},
	{"7", "INVALID_DATE_FORMAT", Rejected, sourceValidation},
	{"8", "INVALID_IDENTITY_NUMBER", Rejected, sourceValidation},
	{"11", "INVALID_REQUEST", Rejected, sourceValidation},
	{"12", "INVALID_CARD_NUMBER", Rejected, sourceValidation},
	{"20", "CONVERSATION_ID_TOO_LONG", Rejected, sourceValidation},
	{"22", "IP_TOO_LONG", Rejected, sourceValidation},
	{"23", "CALLBACK_URL_MISSING", Rejected, sourceValidation},
	{"24", "FIELD_MISSING", Rejected, sourceValidation},
	{"1000", "INVALID_SIGNATURE", NotSent, sourceCredentials},
	{"1001", "API_CREDENTIALS_NOT_FOUND", NotSent, sourceCredentials},
	{"1002", "MERCHANT_NOT_FOUND", NotSent, sourceCredentials},
	{"1003", "MERCHANT_NOT_AUTHORISED", NotSent, sourceCredentials},
	{"1004", "AUTHENTICATION_ERROR", NotSent, sourceCredentialsFAQ},
	{"1006", "API_KEY_MISSING", NotSent, sourceCredentials},
	{"1007", "AUTHENTICATION_ERROR", NotSent, sourceCredentialsFAQ},
	{"1009", "AUTHENTICATION_ERROR", NotSent, sourceCredentialsFAQ},
	{"3005", "CARD_USER_KEY_NOT_FOUND", Rejected, sourceValidation},
	{"5004", "PRICE_MISSING", Rejected, sourceSandboxRequest},
	{"5062", "PRICE_NOT_SUM_OF_ITEMS", Rejected, sourceValidation},
	{"5077", "MARKETPLACE_FIELDS_MISSING", Rejected, sourceSandboxRequest},
	{"5079", "MARKETPLACE_FIELDS_NOT_ALLOWED", Rejected, sourceValidation},
	{"5082", "CANNOT_BE_POST_AUTHORISED", Rejected, sourceSandboxState},
	{"5086", "PAYMENT_NOT_FOUND_ON_CANCEL", Rejected, sourceSandboxNoPayment},
	{"5087", "PAYMENT_NOT_FOUND", Rejected, sourceSandboxNoPayment},
	{"5115", "WRONG_3DS_STATE", Rejected, sourceSandboxState},
	{"5122", "NO_PAYMENT_FOR_TOKEN", Unknown, sourceReads},
	{"5184", "FOREIGN_CURRENCY_WITH_DOMESTIC_CARD", Rejected, sourceValidation},
	{"5266", "REFUND_V2_FOR_STANDARD_MERCHANTS_ONLY", Rejected, sourceSandboxMarketplace},
	{"8514", "OPERATION_IN_PROGRESS", Unknown, sourceInProgress},
	{"9000", "ACCOUNT_SUSPENDED", Rejected, sourceValidation},
	{"10005", "DO_NOT_HONOUR", Rejected, sourceDecline},
	{"10012", "INVALID_TRANSACTION", Rejected, sourceDecline},
	{"10034", "FRAUD_SUSPECT", Rejected, sourceDecline},
	{"10041", "LOST_CARD", Rejected, sourceDecline},
	{"10043", "STOLEN_CARD", Rejected, sourceDecline},
	{"10051", "NOT_SUFFICIENT_FUNDS", Rejected, sourceDecline},
	{"10054", "EXPIRED_CARD", Rejected, sourceDecline},
	{"10057", "NOT_PERMITTED_TO_CARDHOLDER", Rejected, sourceDecline},
	{"10058", "NOT_PERMITTED_TO_TERMINAL", Rejected, sourceDecline},
	{"10084", "INVALID_CVC2", Rejected, sourceDecline},
	{"10093", "RESTRICTED_BY_LAW", Rejected, sourceDecline},
	{"10201", "CARD_NOT_PERMITTED", Rejected, sourceDecline},
	{"10202", "GENERAL_BANK_ERROR", Unknown, sourceBankGeneral},
	{"10203", "APPROVED_COMPLETED", Unknown, sourceMayBeDone},
	{"10204", "GENERAL_BANK_ERROR", Unknown, sourceBankGeneral},
	{"10205", "", Rejected, sourceBankFormat},
	{"10206", "", Rejected, sourceBankFormat},
	{"10207", "", Rejected, sourceBankFormat},
	{"10208", "", Rejected, sourceBankFormat},
	{"10209", "", Rejected, sourceBankFormat},
	{"10210", "", Rejected, sourceBankFormat},
	{"10211", "", Rejected, sourceBankFormat},
	{"10212", "", Rejected, sourceBankFormat},
	{"10213", "", Rejected, sourceBankFormat},
	{"10214", "COMMUNICATION_OR_SYSTEM_ERROR", Unknown, sourceBankUnreachable},
	{"10215", "", Rejected, sourceBankFormat},
	{"10216", "NO_SUCH_ISSUER", Unknown, sourceBankUnreachable},
	{"10217", "", Rejected, sourceBankFormat},
	{"10218", "", Rejected, sourceBankFormat},
	{"10219", "REQUEST_TIMEOUT", Unknown, sourceBankUnreachable},
	{"10220", "DECLINED", Rejected, sourceDecline},
	{"10221", "", Rejected, sourceBankFormat},
	{"10222", "", Rejected, sourceBankFormat},
	{"10223", "REQUIRES_DAY_END", Unknown, sourceTryLater},
	{"10224", "EXCEEDS_WITHDRAWAL_AMOUNT_LIMIT", Rejected, sourceDecline},
	{"10225", "", Rejected, sourceBankFormat},
	{"10226", "", Rejected, sourceBankFormat},
	{"10227", "", Rejected, sourceBankFormat},
	{"10228", "ISSUER_OR_SWITCH_INOPERATIVE", Unknown, sourceBankUnreachable},
	{"10229", "", Rejected, sourceBankFormat},
	{"10230", "", Rejected, sourceBankFormat},
	{"10231", "", Rejected, sourceBankFormat},
	{"10232", "", Rejected, sourceBankFormat},
	{"10233", "", Rejected, sourceBankFormat},
	{"10234", "", Rejected, sourceBankFormat},
	{"10235", "", Rejected, sourceBankFormat},
	{"10236", "UNKNOWN", Unknown, sourceBankGeneral},
	{"10240", "TIMEOUT", Unknown, sourceBankUnreachable},
	{"10241", "REMOTE_ERROR", Unknown, sourceBankUnreachable},
	{"10242", "LOCAL_ERROR", Unknown, sourceBankUnreachable},
	{"10243", "LOCAL_DECLINE", Rejected, sourceDecline},
	{"10244", "REMOTE_DECLINE", Rejected, sourceDecline},
	{"10246", "REFUND_DECLINE", Unknown, sourceTryLater},
	{"10248", "EXCEEDED_TRANSACTION_AMOUNT", Rejected, sourceDecline},
	{"50000", "REQUEST_LIMIT_EXCEEDED", NotSent, sourceRateLimit},
	{"260018", "SESSION_PAYMENT_TYPE_NOT_MATCHED", Rejected, sourceSession},
}
