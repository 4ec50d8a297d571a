package psp

import "errors"

// ReasonKeysUnreadable is the Failure.Reason of a call that was not made because iyzico's keys were not to be had.
const ReasonKeysUnreadable = "keys-unreadable"

// ErrKeysUnreadable is in the error of a read that was not made for the same reason.
var ErrKeysUnreadable = errors.New("iyzico's keys are not to be had")
