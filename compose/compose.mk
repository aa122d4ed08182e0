# SPDX-License-Identifier: Apache-2.0
#
# The container image and what Docker runs of it; included by the Makefile.

##@ Docker
.PHONY: image dev smoke

image: all data ## build the container image IMAGE (sandglass:latest), or IMAGE_REPOSITORY/{ui,agent-server,runner}:TAG
	$(Q)compose/image.sh $(IMAGE)

dev: ## build what is missing, start the server in Docker, print its URL; HARDENED=1 without the socket
	$(Q)compose/stack.sh check
	$(Q)src/deps/tools.sh build
	$(Q)$(MAKE) $(if $(V),,-s) image
	$(Q)compose/stack.sh dev

smoke: all ## ask that server one prompt of each data set, and check the values
	$(Q)compose/stack.sh smoke

clean:: ## remove what `make dev` started, and every run that was left behind
	$(Q)compose/stack.sh clean
