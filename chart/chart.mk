# SPDX-License-Identifier: Apache-2.0
#
# The chart, a cluster to try it on, and a release; included by the Makefile.
