// The workers of one comparison: each has opened its files, and one of them leads.
import { Client } from './client.js';
import { toLoss } from './device.js';
import { messageOf } from '../report/message.js';

/** @import { BackendInfo } from '../report/model.js' */
/** @import { Input } from './analyser.js' */
/** @import { Places } from './places.js' */

/**
 * Has a worker compute with the device that the run has. A GPU that it does not get is lost.
 * @param {Client} client
 * @param {BackendInfo['kind']} backend
 */
export async function chooseBackend(client, backend) {
  try {
    await client.call('backend', backend);
  } catch (error) {
    throw backend === 'gpu' && !client.dead ? toLoss(error) : error;
  }
}

export class Workers {
  #input;
  #places;
  /** @type {Client[]} */
  #all = [];
  /** @type {Client | null} */
  #lead = null;
  /** @type {Promise<Client> | null} */
  #opening = null;

  /**
   * @param {Input} input
   * @param {Places} places
   */
  constructor(input, places) {
    this.#input = input;
    this.#places = places;
  }

  /** The lead, if there is one; it may have died. */
  get lead() {
    return this.#lead;
  }

  /**
   * Starts a worker and has it open the files.
   * @param {BackendInfo['kind']} [backend]
   */
  async start(backend) {
    const client = new Client(this.#places);
    this.#all.push(client);
    try {
      await client.call('open', this.#input);
      if (backend) await chooseBackend(client, backend);
    } catch (error) {
      client.end(messageOf(error));
      throw error;
    }
    return client;
  }

  /**
   * The lead; a new one where there is none yet, or it has died or was stopped.
   * @returns {Promise<Client>}
   */
  getLead() {
    if (this.#lead && !this.#lead.dead) return Promise.resolve(this.#lead);
    this.#opening ??= this.start()
      .then((client) => (this.#lead = client))
      .finally(() => {
        this.#opening = null;
      });
    return this.#opening;
  }

  /**
   * Ends all but the lead: their memory is worth more than the milliseconds that a second run would
   * save.
   */
  endOthers() {
    this.#all.filter((client) => client !== this.#lead).forEach((client) => client.end());
    this.#all = this.#all.filter((client) => !client.dead);
  }

  /** @param {string} reason What waits for a worker is refused with it. */
  endAll(reason) {
    this.#all.forEach((client) => client.end(reason));
    this.#all = [];
  }
}
