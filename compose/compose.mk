# SPDX-License-Identifier: Apache-2.0
#
# The container image and what Docker runs of it; included by the Makefile.

##@ Docker
.PHONY: image

image: all data ## build the container image IMAGE (sandglass:latest)
	$(Q)compose/image.sh $(IMAGE)
