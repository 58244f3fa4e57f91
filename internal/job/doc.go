// Package job holds the kinds of tasks that Roster runs in the background, a
// file for each. They act as the system, through the same services as everybody.
package job
