// Package job defines the kinds of background tasks, one per file. They act as
// the system, through the same services as every other caller.
package job
